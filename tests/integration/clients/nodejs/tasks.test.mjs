// The official JavaScript client: typed calls, patches, apply, pages, watches, informers, errors.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const namespace = process.env.NAMESPACE;
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);

const configMap = (name, data, labels) => ({
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data,
});
const deployment = (name, replicas) => ({
    metadata: { name },
    spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
            metadata: { labels: { app: name } },
            spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'nginx' }] },
        },
    },
});

async function eventually(condition, seconds = 30) {
    const deadline = Date.now() + seconds * 1000;
    while (!(await condition())) {
        assert.ok(Date.now() < deadline, `not within ${seconds} s: ${condition}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

const refusal = async (call) => call.then(() => assert.fail('not refused'), (error) => error);

test('a deployment lives and goes', async () => {
    const made = await apps.createNamespacedDeployment({ namespace, body: deployment('web', 2) });
    assert.equal(made.spec.strategy.rollingUpdate.maxSurge, '25%');
    await eventually(async () =>
        (await apps.readNamespacedDeploymentStatus({ name: 'web', namespace })).status.readyReplicas === 2);
    const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace });
    scale.spec.replicas = 3;
    assert.equal((await apps.replaceNamespacedDeploymentScale({ name: 'web', namespace, body: scale })).spec.replicas, 3);
    await eventually(async () =>
        (await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items.length === 3);
    const [pod] = (await core.listNamespacedPod({ namespace, fieldSelector: 'status.phase=Running' })).items;
    assert.match(pod.spec.nodeName, /^node-/);
    assert.ok(pod.metadata.creationTimestamp instanceof Date);
    await apps.deleteNamespacedDeployment({ name: 'web', namespace, propagationPolicy: 'Foreground' });
    await eventually(async () => (await core.listNamespacedPod({ namespace })).items.length === 0);
});

for (const [kind, body] of Object.entries({
    StrategicMergePatch: { data: { b: '2' } },
    MergePatch: { data: { b: '2' } },
    JsonPatch: [{ op: 'add', path: '/data/b', value: '2' }],
    ServerSideApply: configMap('patched', { b: '2' }),
})) {
    test(`patch by ${kind}`, async () => {
        await core.createNamespacedConfigMap({ namespace, body: configMap('patched', { a: '1' }) });
        const patched = await core.patchNamespacedConfigMap(
            { name: 'patched', namespace, body, ...(kind === 'ServerSideApply' && { fieldManager: 'me' }) },
            k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy[kind]),
        );
        assert.deepEqual(patched.data, { a: '1', b: '2' });
        await core.deleteNamespacedConfigMap({ name: 'patched', namespace });
    });
}

test('server-side apply and its conflicts', async () => {
    const apply = (color, owner, force) => objects.patch(
        configMap('owned', { color }), undefined, undefined, owner, force, k8s.PatchStrategy.ServerSideApply);
    await apply('red', 'alice');
    const refused = await refusal(apply('green', 'bob'));
    assert.equal(refused.code, 409);
    assert.match(JSON.stringify(refused.body), /conflict with .*alice/);
    assert.equal((await apply('green', 'bob', true)).data.color, 'green');
});

test('objects of any kind', async () => {
    const made = await objects.create(configMap('any', { a: '1' }));
    assert.equal((await objects.read(made)).data.a, '1');
    const replaced = await objects.replace({ ...made, data: { a: '2' } });
    assert.equal(replaced.data.a, '2');
    assert.equal((await refusal(objects.replace({ ...made, data: { a: '3' } }))).code, 409);
    const { items } = await objects.list('v1', 'ConfigMap', namespace);
    assert.ok(items.some((item) => item.metadata.name === 'any'));
    await objects.delete(made);
    assert.equal((await refusal(objects.read(made))).code, 404);
});

test('pages', async () => {
    for (const name of ['p0', 'p1', 'p2']) {
        await core.createNamespacedConfigMap({ namespace, body: configMap(name, {}, { page: 'yes' }) });
    }
    const names = [];
    let _continue;
    do {
        const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'page=yes', limit: 2, _continue });
        names.push(page.items.map((item) => item.metadata.name));
        _continue = page.metadata._continue;
    } while (_continue);
    assert.deepEqual(names, [['p0', 'p1'], ['p2']]);
});

test('errors are its exceptions', async () => {
    for (const [call, code, reason] of [
        [() => core.readNamespacedPod({ name: 'nobody', namespace }), 404, 'NotFound'],
        [() => core.createNamespacedConfigMap({ namespace, body: configMap('We_b') }), 422, 'Invalid'],
        [() => core.listNamespacedPod({ namespace, labelSelector: '!!' }), 400, 'BadRequest'],
    ]) {
        const error = await refusal(call());
        assert.ok(error instanceof k8s.ApiException);
        assert.equal(error.code, code);
        assert.match(JSON.stringify(error.body), new RegExp(reason));
    }
});

test('a watch, and another one from where it was', async () => {
    const seen = [];
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const watch = (query, until) => new Promise((resolve, reject) => {
        const done = (error) => (error && error.name !== 'AbortError' ? reject(error) : resolve());
        const call = new k8s.Watch(config).watch(path, { fieldSelector: 'metadata.name=w', ...query }, (type, item) => {
            seen.push([type, item.metadata.resourceVersion]);
            if (type === until) call.then((controller) => controller.abort());
        }, done);
    });
    await core.createNamespacedConfigMap({ namespace, body: configMap('w') });
    await watch({}, 'ADDED');
    await core.deleteNamespacedConfigMap({ name: 'w', namespace });
    await watch({ resourceVersion: seen[0][1] }, 'DELETED');
    assert.deepEqual(seen.map(([type]) => type), ['ADDED', 'DELETED']);
});

test('an informer keeps a copy', async () => {
    const list = () => core.listNamespacedConfigMap({ namespace });
    const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list);
    const seen = [];
    for (const event of ['add', 'update', 'delete']) {
        informer.on(event, (item) => item.metadata.name === 'i' && seen.push(event));
    }
    await informer.start();
    await core.createNamespacedConfigMap({ namespace, body: configMap('i') });
    await eventually(() => informer.get('i', namespace));
    await core.replaceNamespacedConfigMap({ name: 'i', namespace, body: configMap('i', { a: '1' }) });
    await core.deleteNamespacedConfigMap({ name: 'i', namespace });
    await eventually(() => seen.includes('delete'));
    await informer.stop();
    assert.deepEqual(seen, ['add', 'update', 'delete']);
});

test('what else there is', async () => {
    assert.equal((await config.makeApiClient(k8s.VersionApi).getCode()).minor, '32');
    const { groups } = await config.makeApiClient(k8s.ApisApi).getAPIVersions();
    assert.ok(groups.some((group) => group.name === 'apps'));
    const review = await config.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({
        body: { spec: { resourceAttributes: { namespace, verb: 'get', resource: 'pods' } } },
    });
    assert.ok(review.status.allowed);
    assert.equal(await new k8s.Health(config).readyz({}), true);
});
