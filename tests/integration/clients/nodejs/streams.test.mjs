// The official JavaScript client: what goes to a container and comes back. The pod web listens on 8080 and says so.
import assert from 'node:assert/strict';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const namespace = process.env.NAMESPACE;

async function exec(command, stdin = null) {
    const out = new PassThrough();
    const err = new PassThrough();
    const status = await new Promise((resolve, reject) => {
        new k8s.Exec(config).exec(namespace, 'web', 'web', command, out, err, stdin, false, resolve).catch(reject);
    });
    out.end();
    err.end();
    return { status, out: await text(out), err: await text(err) };
}

test('exec', async () => {
    const done = await exec(['sh', '-c', 'echo out; echo err >&2; exit 7']);
    assert.equal(done.out, 'out\n');
    assert.equal(done.err, 'err\n');
    assert.equal(done.status.status, 'Failure');
    assert.deepEqual(done.status.details.causes, [{ reason: 'ExitCode', message: '7' }]);
    // An input that ends would close the whole connection: containerd 1.6 does not know v5, which can say so.
    const stdin = new PassThrough();
    stdin.write('good morning\n');
    assert.equal((await exec(['head', '-n', '1'], stdin)).out, 'good morning\n');
});

test('log', async () => {
    const out = new PassThrough();
    await new k8s.Log(config).log(namespace, 'web', 'web', out, { tailLines: 1 });
    assert.equal(await text(out), 'listening\n');
});

test('port-forward', async () => {
    const forward = new k8s.PortForward(config);
    const server = net.createServer((socket) => {
        forward.portForward(namespace, 'web', [8080], socket, null, socket);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { connection: 'close' } });
    assert.equal(await answer.text(), 'good morning\n');
    server.close();
});
