"""Applies the terraform files to a cloud on loopback (moto), plans without a change, and destroys all of it again.

usage: terraform.py FOLDER

The provider comes from where `terraform init` finds it; TF_CLI_ARGS_init=-plugin-dir=D names a folder with it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading

from moto.cloudfront import models
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

RESOURCES_MIN = 10


def mend():
    """moto forgets parts of a distribution, and invents others; a service gives back what it was given."""
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


class Quiet(WSGIRequestHandler):
    def log_request(self, *arguments):
        pass


def serve():
    mend()
    cloud = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, cloud, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in os.listdir(sys.argv[1]):
            if name.endswith(".tf"):
                shutil.copy(os.path.join(sys.argv[1], name), folder)
        environment = os.environ | {
            "AWS_ENDPOINT_URL": serve(), "AWS_ACCESS_KEY_ID": "check", "AWS_SECRET_ACCESS_KEY": "check",
            "AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
            "TF_VAR_name": "shop-check", "TF_VAR_region": "eu-west-1", "TF_VAR_gateway": "gateway.example"}

        def terraform(*arguments):
            done = subprocess.run(["terraform", *arguments, "-no-color"], cwd=folder, env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                sys.exit(f"terraform {arguments[0]} ended with {done.returncode}:\n{done.stdout}")
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
        terraform("destroy", "-auto-approve")
        if left := terraform("state", "list").split():
            sys.exit(f"terraform left {left}")
        print(f"terraform: {len(made)} applied, planned without a change, destroyed")


main()
