// An informer that goes on when the server goes away: it prints the name of every object that it comes to know.
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const namespace = process.env.NAMESPACE;
const core = config.makeApiClient(k8s.CoreV1Api);
const list = () => core.listNamespacedConfigMap({ namespace });
const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list);
const again = () => informer.start().catch(() => setTimeout(again, 200));
informer.on('add', (item) => console.log(item.metadata.name));
informer.on('error', () => setTimeout(again, 200));
again();
