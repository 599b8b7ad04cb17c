"""What a program does with the client that openapi-python-client makes of the description."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from maildocket_client import AuthenticatedClient
from maildocket_client.api.integrations import create_integration
from maildocket_client.api.issues import create_issue, list_issues
from maildocket_client.api.mailboxes import list_mailboxes
from maildocket_client.api.projects import create_project, delete_project, patch_project
from maildocket_client.models import (
    Integration, IssueStatus, ListIssueItem, ListMailbox, NewIntegration, NewIssue, NewProject, Problem, Project,
    ProjectPatch, Provider,
)
from maildocket_client.types import UNSET

base, token = sys.argv[1:]
client = AuthenticatedClient(base_url=f"{base}/api/v1", token=token, raise_on_unexpected_status=True)


def made(answer, kind):
    assert isinstance(answer, kind), answer
    return answer


project = made(create_project.sync(client=client, body=NewProject(key="PY", name="Python")), Project)
project = made(patch_project.sync("PY", client=client, body=ProjectPatch(name="From Python")), Project)
assert (project.key, project.name) == ("PY", "From Python"), project
assert made(list_mailboxes.sync(client=client), ListMailbox).items == []

google = NewIntegration(provider=Provider.GOOGLE, name="From Python", client_id="id", client_secret="secret")
integration = made(create_integration.sync(client=client, body=google), Integration)
assert integration.client_secret_set and integration.provider == Provider.GOOGLE, integration
assert integration.id.startswith("int_") and "accounts.google.com" in integration.authorization_endpoint

again = create_integration.sync_detailed(client=client, body=google)
problem = made(again.parsed, Problem)
assert (again.status_code, problem.code, problem.errors[0].pointer) == (409, "name_taken", "/name"), problem
wrong = made(create_issue.sync(client=client, body=NewIssue(project="NONE", summary="x")), Problem)
assert (wrong.status, [field.pointer for field in wrong.errors]) == (422, ["/project"]), wrong

for number in range(5):
    create_issue.sync(client=client, body=NewIssue(project="PY", summary=f"Issue {number}", labels=["python"]))
summaries, cursor = [], UNSET
while cursor is not None:
    page = made(list_issues.sync(client=client, project="PY", limit=2, cursor=cursor), ListIssueItem)
    assert all(item.status == IssueStatus.OPEN and item.created_at.year > 2000 for item in page.items)
    summaries += [item.summary for item in page.items]
    cursor = page.next_cursor
assert summaries == [f"Issue {number}" for number in (4, 3, 2, 1, 0)], summaries
held = made(delete_project.sync("PY", client=client), Problem)
assert held.code == "in_use", held
print("done")
