"""Prints random requests as lines of JSON, each with the headers that botocore signs it with.

usage: signatures.py COUNT SEED
"""

import base64
import datetime
import json
import random
import string
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LETTERS = string.ascii_letters + string.digits
# What is encoded in one place and kept in another, and what has to be put in order.
AWKWARD = "-_.~ /+%?&=:@!$'()*,;[]#\"<>|äß漢字🙂\u00a0"
SERVICES = {"s3": botocore.auth.S3SigV4Auth, "events": botocore.auth.SigV4Auth,
            "secretsmanager": botocore.auth.SigV4Auth}


def text(draw, longest, alphabet=LETTERS + AWKWARD, shortest=0):
    return "".join(draw.choice(alphabet) for _ in range(draw.randint(shortest, longest)))


def path(draw):
    segments = [draw.choice([text(draw, 12), ".", "..", "", text(draw, 4, "%2F.")]) for _ in range(draw.randint(0, 5))]
    return "/" + "/".join(segment.replace("/", "") for segment in segments)


def header(draw):
    name = draw.choice(["X-Amz-Target", "content-type", "If-None-Match", "x-amz-meta-" + text(draw, 6, LETTERS, 1)])
    value = text(draw, 10, LETTERS + "-_.,;=\"* ") + draw.choice(["", " ", "  ", "\t", "   x  y "])
    return [name, value]


def case(draw):
    service = draw.choice(list(SERVICES))
    request = {
        "service": service,
        "region": draw.choice(["eu-west-1", "us-east-1", "cn-north-1"]),
        "method": draw.choice(["GET", "HEAD", "PUT", "POST", "DELETE"]),
        "host": draw.choice(["127.0.0.1:5000", "bucket.example", "localhost:81"]),
        "path": path(draw),
        "query": [[text(draw, 6, shortest=1), text(draw, 8)] for _ in range(draw.choice([0, 0, 1, 2, 6]))],
        "headers": [header(draw) for _ in range(draw.randint(0, 4))],
        "body": base64.b64encode(draw.randbytes(draw.choice([0, 0, 1, 55, 64, 300]))).decode(),
        "id": text(draw, 20, LETTERS, 16),
        "secret": text(draw, 40, LETTERS + "/+", 8),
        "token": text(draw, 60, LETTERS + "/+=", 1) if draw.random() < 0.5 else None,
        "seconds": draw.randint(0, 4_102_444_800),
    }
    if draw.random() < 0.3 and request["query"]:
        request["query"].append(list(draw.choice(request["query"])))
        request["query"].append([request["query"][0][0], text(draw, 8)])
    return request


def sign(case):
    moment = datetime.datetime.fromtimestamp(case["seconds"], datetime.timezone.utc).replace(tzinfo=None)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in case["query"])
    url = f"http://{case['host']}{quote(case['path'], safe='/-_.~')}" + ("?" + query if query else "")
    request = AWSRequest(method=case["method"], url=url, data=base64.b64decode(case["body"]))
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    credentials = Credentials(case["id"], case["secret"], case["token"])
    SERVICES[case["service"]](credentials, case["service"], case["region"]).add_auth(request)
    names = ["Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-SHA256"]
    return {name.lower(): request.headers[name] for name in names if name in request.headers}


def main():
    draw = random.Random(int(sys.argv[2]))
    for _ in range(int(sys.argv[1])):
        drawn = case(draw)
        print(json.dumps(drawn | {"signed": sign(drawn)}))


main()
