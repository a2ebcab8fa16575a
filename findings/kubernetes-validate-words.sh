#!/usr/bin/env bash
# kubernetes-validate 1.37.0: --strict takes any word for a field of which Kubernetes lists the words, and any text for
# a quantity.
#
# Expected: the package validates "against the declared Kubernetes schemas", --strict refuses what the schema does not
# know, and the reference of the Kubernetes API lists what restartPolicy, a port's protocol, podManagementPolicy,
# accessModes and the type of a service may be, and how a quantity is written. A mistyped field is refused; a mistyped
# word beside it should be.
#
# What happens: the schemas are made of the published Swagger file, which holds those words in descriptions only.
# restartPolicy "Sometimes", protocol "TPC", accessModes "ReadWriteOnze", podManagementPolicy "Paralell", the service
# type "NodePrt", a limit of "12Gx" and a port of 99999 all pass; only names and JSON types are looked at.
#
# For a user: a green check means that no field is misspelt, and says nothing of the values; the API server refuses
# them on the day of the deployment. Check the values a second time, against lists of one's own or with a server's
# dry run.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check kubernetes-validate==1.37.0
"$folder/venv/bin/python" - <<'PYTHON'
import copy

import kubernetes_validate

shop = {
    "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "shop"},
    "spec": {
        "serviceName": "shop", "podManagementPolicy": "Parallel", "selector": {"matchLabels": {"app": "shop"}},
        "template": {
            "metadata": {"labels": {"app": "shop"}},
            "spec": {
                "restartPolicy": "Always",
                "containers": [{
                    "name": "shop", "image": "shop", "resources": {"limits": {"memory": "12Gi"}},
                    "ports": [{"containerPort": 8080, "protocol": "TCP"}]}]}},
        "volumeClaimTemplates": [{
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}}]}}
service = {
    "apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"},
    "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
pod = ("spec", "template", "spec")
container = pod + ("containers", 0)
claim = ("spec", "volumeClaimTemplates", 0, "spec")


def passes(manifest, path=(), value=None):
    manifest = copy.deepcopy(manifest)
    if path:
        place = manifest
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
    try:
        kubernetes_validate.validate(manifest, "1.37", strict=True)
        verdict = "passes"
    except kubernetes_validate.ValidationError:
        verdict = "is refused"
    print(".".join(map(str, path)) or "as it should be", "" if value is None else repr(value), verdict)
    return verdict == "passes"


assert passes(shop) and passes(service)
assert not passes(shop, pod + ("restartPolicie",), "Always"), "a misspelt field passes"
assert not passes(shop, container + ("ports", 0, "containerPort"), "8080"), "a wrong type passes"
for manifest, path, value in (
    (shop, pod + ("restartPolicy",), "Sometimes"),
    (shop, container + ("ports", 0, "protocol"), "TPC"),
    (shop, container + ("ports", 0, "containerPort"), 99999),
    (shop, container + ("resources", "limits", "memory"), "12Gx"),
    (shop, claim + ("accessModes",), ["ReadWriteOnze"]),
    (shop, ("spec", "podManagementPolicy"), "Paralell"),
    (service, ("spec", "type"), "NodePrt"),
):
    assert passes(manifest, path, value), "the value is looked at now"
PYTHON
