"""Lists, watches and writes with the official Python client; prints one line per thing that held. Argument: kubeconfig, image."""
import sys
import threading
import time

from kubernetes import client, config, dynamic, watch
from kubernetes.stream import stream

config.load_kube_config(config_file=sys.argv[1])
core = client.CoreV1Api()


def typed_watch():
    """A watch begun at a list's version sees each later change once, in order."""
    seen = []
    begun = core.list_namespaced_config_map("default").metadata.resource_version

    def write():
        for number in range(5):
            core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"py-{number}", labels={"from": "python"}), data={"n": str(number)}))
        core.patch_namespaced_config_map("py-0", "default", {"data": {"n": "changed"}})
        core.delete_namespaced_config_map("py-1", "default")

    writer = threading.Thread(target=write)
    writer.start()
    events = watch.Watch()
    for event in events.stream(core.list_namespaced_config_map, "default", resource_version=begun, label_selector="from=python", timeout_seconds=60):
        seen.append(f"{event['type']} {event['object'].metadata.name}")
        if len(seen) == 7:
            events.stop()
    writer.join()
    print("watch", ", ".join(seen))


def expired_watch():
    """A version from before the window is told apart from other failures."""
    try:
        for _ in watch.Watch().stream(core.list_namespaced_config_map, "default", resource_version="1", timeout_seconds=2):
            pass
        print("old-version answered")
    except client.ApiException as error:
        print("old-version", error.status)


def dynamic_client():
    """The dynamic client finds kinds by discovery, a custom one too."""
    dynamic_api = dynamic.DynamicClient(client.ApiClient())
    definitions = dynamic_api.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    definitions.create(body={
        "metadata": {"name": "roles.python.example.com"},
        "spec": {"group": "python.example.com", "scope": "Namespaced", "names": {"plural": "roles", "kind": "Role", "singular": "role"},
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"lines": {"type": "integer"}}}}}}}]},
    })
    for event in definitions.watch(name="roles.python.example.com", timeout=60):
        conditions = (event["raw_object"].get("status") or {}).get("conditions") or []
        if any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions):
            break
    dynamic_api.resources.invalidate_cache()
    roles = dynamic_api.resources.get(api_version="python.example.com/v1", kind="Role")
    roles.create(namespace="default", body={"apiVersion": "python.example.com/v1", "kind": "Role", "metadata": {"name": "hamlet"}, "spec": {"lines": 1495}})
    applied = roles.server_side_apply(namespace="default", name="hamlet", field_manager="python", force_conflicts=True, body={"apiVersion": "python.example.com/v1", "kind": "Role", "metadata": {"name": "hamlet"}, "spec": {"lines": 1500}})
    print("dynamic", applied.spec.lines, applied.metadata.generation)
    roles.delete(namespace="default", name="hamlet")
    definitions.delete(name="roles.python.example.com")


def pod_and_exec(image):
    """A pod runs; exec and logs answer."""
    core.create_namespaced_pod("default", {"metadata": {"name": "python"}, "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "main", "image": image, "command": ["sh", "-c", "echo from the pod; sleep 1000"]}]}})
    events = watch.Watch()
    for event in events.stream(core.list_namespaced_pod, "default", field_selector="metadata.name=python", timeout_seconds=60):
        if event["object"].status.phase == "Running":
            events.stop()
    # It runs; what it says may come a moment later.
    until = time.monotonic() + 60
    while (said := core.read_namespaced_pod_log("python", "default").strip()) == "" and time.monotonic() < until:
        time.sleep(0.1)
    print("log", said)
    print("exec", stream(core.connect_get_namespaced_pod_exec, "python", "default", command=["echo", "from exec"], stdout=True, stderr=True, stdin=False, tty=False).strip())
    core.delete_namespaced_pod("python", "default")


typed_watch()
expired_watch()
dynamic_client()
pod_and_exec(sys.argv[2])
