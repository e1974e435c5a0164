#!/bin/bash
# tests/all.sh [ARGUMENT OF PYTEST]...: runs the tests, then once more what failed, by itself (docs/decisions/0008)
set -u
pytest=.venv/bin/pytest

$pytest -n 2 --dist loadgroup "$@" && exit 0
echo "AGAIN: pytest ended with status $?. What failed runs once more, each by itself: what passes now depends on its neighbours or on the load."
$pytest -p no:randomly --last-failed --last-failed-no-failures none "$@"
status=$?
[ $status -eq 5 ] || exit $status
echo "AGAIN: no test had failed, the run itself broke off. The whole runs once more."
exec $pytest -n 2 --dist loadgroup "$@"
