"""Applies the terraform files to a cloud on loopback (moto), plans without a change, runs nodes as its tasks say, and
destroys all of it again.

usage: terraform.py FOLDER SECRETS

SECRETS is a folder of make-secrets; `cloudretail` is in the PATH.

The provider comes from where `terraform init` finds it; TF_CLI_ARGS_init=-plugin-dir=D names a folder with it.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

# Roles get policies of the vendor's own.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

# moto looks at its settings while it is imported.
# pylint: disable=wrong-import-position
import boto3
from moto.cloudfront import models
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

import cloud_nodes

RESOURCES_MIN = 60
NAME, REGION = "shop-check", "eu-west-1"


def mend():
    """moto forgets parts of a distribution and of a service of tasks, and invents others."""
    def mended(of, mend):
        begin = of.__init__

        def init(self, config):
            begin(self, config)
            mend(self, config)
        of.__init__ = init

    mended(models.Origin, lambda self, given: setattr(
        self, "origin_access_control_id", given.get("OriginAccessControlId")))
    mended(models.ViewerCertificate, lambda self, given: setattr(
        self, "ssl_support_method", given.get("SSLSupportMethod")))
    mended(models.DefaultCacheBehaviour, lambda self, given: setattr(
        self, "forwarded_values", self.forwarded_values if "ForwardedValues" in given else None))


    create = EC2ContainerServiceResponse.create_service

    def create_service(self):
        created = create(self)
        service = created.result["service"]
        service.placement_constraints = self._get_param("placementConstraints")
        service.health_check_grace_period_seconds = self._get_param("healthCheckGracePeriodSeconds")
        service.availability_zone_rebalancing = self._get_param("availabilityZoneRebalancing", "DISABLED")
        return created

    EC2ContainerServiceResponse.create_service = create_service


class Quiet(WSGIRequestHandler):
    def log_request(self, *arguments):
        pass


def serve():
    mend()
    cloud = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, cloud, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def variables(client, cluster):
    """What an operator says, of the network that moto begins with."""
    subnets = client("ec2").describe_subnets()["Subnets"]
    certificate = client("acm").request_certificate(DomainName="gateway.example")["CertificateArn"]
    names = [subnet["SubnetId"] for subnet in subnets]
    return {
        "name": NAME, "region": REGION, "gateway": "gateway.example", "vpc": subnets[0]["VpcId"],
        "node_subnets": json.dumps(names), "public_subnets": json.dumps(names), "certificate": certificate,
        "image": "registry.example/cloudretail:1", "cluster_id": cluster,
        "payment_url": "https://payments.example.com", "administrator": "admin@example.com"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in os.listdir(sys.argv[1]):
            if name.endswith(".tf"):
                shutil.copy(os.path.join(sys.argv[1], name), folder)
        cloud = serve()

        def client(service):
            return boto3.client(service, region_name=REGION, endpoint_url=cloud, aws_access_key_id="check",
                                aws_secret_access_key="check")

        secrets = pathlib.Path(sys.argv[2])
        cluster = (secrets / "cluster.env").read_text().strip().split("=")[1]
        environment = os.environ | {
            "AWS_ENDPOINT_URL": cloud, "AWS_ACCESS_KEY_ID": "check", "AWS_SECRET_ACCESS_KEY": "check",
            "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
        } | {f"TF_VAR_{name}": value for name, value in variables(client, cluster).items()}

        def terraform(*arguments):
            done = subprocess.run(["terraform", *arguments, "-no-color"], cwd=folder, env=environment, text=True,
                                  capture_output=True)
            if done.returncode != 0:
                sys.exit(f"terraform {arguments[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
            return done.stdout

        terraform("fmt", "-check")
        terraform("init")
        terraform("validate")
        terraform("apply", "-auto-approve")
        made = terraform("state", "list").split()
        if len(made) < RESOURCES_MIN:
            sys.exit(f"terraform made {made} only")
        # Ends with 2 where something would change.
        terraform("plan", "-detailed-exitcode")
        cloud_nodes.run(client, environment | {"AWS_DEFAULT_REGION": REGION}, NAME, secrets, folder)
        terraform("destroy", "-auto-approve")
        if left := terraform("state", "list").split():
            sys.exit(f"terraform left {left}")
        print(f"terraform: {len(made)} applied, planned without a change, nodes run with their secrets, destroyed")


main()
