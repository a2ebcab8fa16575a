"""A cloud on loopback: moto, with faults before and behind it, and every signature proved with botocore's own signer.

usage: cloud.py PORT ACCESS_KEY_ID SECRET_KEY EVENTS

Port 0 takes a free one. There is a bucket named "shop". Every entry that the event bus has taken is
appended to the file EVENTS as a line of JSON.
A POST to /test/faults sets how often what goes wrong; GET /test/objects tells of the headers of all objects;
GET /test/credentials is the service beside a container; a POST to /test/secrets puts {"name": …, "value": …}
as the current version of a secret.
moto's own check takes keys with a space or a plus for forged, and looks neither at the time nor at the digest.
"""

import datetime
import hashlib
import io
import json
import random
import re
import sys
import threading

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

SKEW_MAX = datetime.timedelta(minutes=15)
ENTRIES_MAX, BATCH_BYTES_MAX = 10, 256 * 1024
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=(\S+), Signature=[0-9a-f]{64}")


def is_forged(request, key, secret):
    """Whether botocore signs the request, as it was received, in another way."""
    told = request.headers.get("authorization", "")
    match = AUTHORIZATION.fullmatch(told)
    if match is None or match[1] != key:
        return True
    copy = AWSRequest(method=request.method, url=f"http://{request.host}{request.environ['RAW_URI']}",
                      data=request.get_data())
    for name in match[4].split(";"):
        if name not in ("host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"):
            copy.headers[name] = request.headers[name]
    digest = request.headers.get("x-amz-content-sha256")
    if digest is not None and digest != hashlib.sha256(request.get_data()).hexdigest():
        return True
    moment = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment
    signer = botocore.auth.S3SigV4Auth if match[3] == "s3" else botocore.auth.SigV4Auth
    credentials = Credentials(key, secret, request.headers.get("x-amz-security-token"))
    signer(credentials, match[3], match[2]).add_auth(copy)
    return copy.headers["Authorization"] != told


def put_secret(name, value):
    secrets = secretsmanager_backends["123456789012"]["us-east-1"]
    if name in secrets.secrets:
        secrets.put_secret_value(name, value, None, None, ["AWSCURRENT"])
    else:
        secrets.create_secret(name, value, None, None, None, None, None, [], False)


class Cloud:
    def __init__(self, key, secret, events):
        self.key, self.secret = key, secret
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.events = open(events, "a", encoding="utf-8")
        self.lock = threading.Lock()
        # Chances of what goes wrong: unavailable, throttled, lost (done, and answered with an error), partial.
        self.faults = {}
        self.handed_out = 0

    def strikes(self, fault):
        return random.random() < self.faults.get(fault, 0)

    def __call__(self, environ, start_response):
        request = Request(environ)
        # Read here, and once more by moto.
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        if request.path == "/test/faults":
            self.faults = request.get_json()
            return Response("{}")(environ, start_response)
        if request.path == "/test/credentials":
            return self.credentials(request)(environ, start_response)
        if request.path == "/test/secrets":
            put_secret(**request.get_json())
            return Response("{}")(environ, start_response)
        if request.path == "/test/objects":
            keys = s3_backends["123456789012"]["aws"].buckets["shop"].keys.values()
            headers = {key.name: {name.lower(): value for name, value in key.metadata.items()} for key in keys}
            return Response(json.dumps(headers))(environ, start_response)
        is_json = request.headers.get("x-amz-target") is not None
        refused = self.refusal(request, is_json)
        if refused is not None:
            return refused(environ, start_response)
        if request.headers.get("x-amz-target") == "secretsmanager.GetSecretValue":
            # moto gives a version of its choice where none is named.
            if request.get_json(force=True).get("VersionStage") != "AWSCURRENT":
                return self.error(400, "InvalidParameterException", True)(environ, start_response)
        if request.headers.get("x-amz-target") == "AWSEvents.PutEvents":
            return self.put_events(request)(environ, start_response)
        answer = Response.from_app(self.moto, environ, buffered=True)
        if request.method in ("PUT", "POST") and self.strikes("lost"):
            answer = self.error(500, "InternalError", is_json)
        return answer(environ, start_response)

    def refusal(self, request, is_json):
        if self.strikes("unavailable"):
            return self.error(503, "InternalFailure", is_json)
        if self.strikes("throttled"):
            return self.error(400 if is_json else 503, "ThrottlingException" if is_json else "SlowDown", is_json)
        if (request.headers.get("x-amz-security-token") or "").startswith("ended"):
            return self.error(400, "ExpiredTokenException" if is_json else "ExpiredToken", is_json)
        if "x-amz-date" not in request.headers:
            return self.error(403, "AccessDenied", is_json)
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        signed = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        if abs(now - signed) > SKEW_MAX:
            return self.error(403, "InvalidSignatureException" if is_json else "RequestTimeTooSkewed", is_json)
        with self.lock:
            if is_forged(request, self.key, self.secret):
                return self.error(403, "InvalidSignatureException" if is_json else "SignatureDoesNotMatch", is_json)
        return None

    @staticmethod
    def error(status, code, is_json):
        if is_json:
            body = json.dumps({"__type": f"com.amazonaws#{code}", "message": "of the test"})
        else:
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>of the test</Message></Error>"
        return Response(body, status, {"Date": datetime.datetime.now(datetime.timezone.utc).strftime(
            "%a, %d %b %Y %H:%M:%S GMT")})

    def credentials(self, request):
        """The first are no longer good when they are used, the next ones are."""
        if request.headers.get("authorization") != "for-the-container":
            return Response("", 403)
        self.handed_out += 1
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=6)
        found = {"AccessKeyId": self.key, "SecretAccessKey": self.secret,
                 "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return Response(json.dumps(found | ({"Token": "ended"} if self.handed_out == 1 else {})))

    def put_events(self, request):
        body = request.get_data()
        entries = json.loads(body)["Entries"]
        sizes = [sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail")) + 14
                 for entry in entries]
        if not 1 <= len(entries) <= ENTRIES_MAX or sum(sizes) > BATCH_BYTES_MAX:
            self.note({"violation": [len(entries), sum(sizes)]})
            return self.error(400, "ValidationException", True)
        answer = Response.from_app(self.moto, request.environ, buffered=True)
        if answer.status_code != 200:
            self.note({"refused": answer.get_data(as_text=True)})
            return answer
        results = json.loads(answer.get_data())
        for place, entry in enumerate(entries):
            if self.strikes("partial"):
                results["Entries"][place] = {"ErrorCode": "InternalFailure", "ErrorMessage": "of the test"}
            else:
                self.note(entry)
        results["FailedEntryCount"] = sum("ErrorCode" in result for result in results["Entries"])
        if self.strikes("lost"):
            return self.error(500, "InternalFailure", True)
        return Response(json.dumps(results), 200, content_type="application/x-amz-json-1.1")

    def note(self, line):
        with self.lock:
            self.events.write(json.dumps(line) + "\n")
            self.events.flush()


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_expect_100(self):
        """The server itself does that too."""
        return True

    def log_request(self, *arguments):
        pass


def main():
    port, key, secret, events = sys.argv[1:]
    s3_backends["123456789012"]["aws"].create_bucket("shop", "us-east-1")
    server = make_server("127.0.0.1", int(port), Cloud(key, secret, events), threaded=True, request_handler=Quiet)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


main()
