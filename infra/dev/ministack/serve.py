"""Starts ministack with what it does otherwise than AWS, put right where our functions depend on it.

Run by tests/src/deployed/ministack.rs with the Python of target/dev/ministack-venv; settings are in the environment.
Each change has its own function, and ends the start where the code that it changes is not there: then look whether it is
still needed.
"""

import json

import ministack.app
from ministack.services import secretsmanager


def first_version_is_named_by_the_caller():
    """AWS: CreateSecret's ClientRequestToken is the name of the first version. Here it is random, and a consent ends with
    secret_missing, because the record names the version that was asked for."""
    create = secretsmanager._create_secret

    def named(request):
        answer = create(request)
        token = request.get("ClientRequestToken")
        if token and answer[0] == 200:
            versions = secretsmanager._secrets[request["Name"]]["Versions"]
            (name,) = versions
            versions[token] = versions.pop(name)
            told = json.loads(answer[2]) | {"VersionId": token}
            return answer[0], answer[1], json.dumps(told).encode()
        return answer

    secretsmanager._create_secret = named


if __name__ == "__main__":
    first_version_is_named_by_the_caller()
    ministack.app.main()
