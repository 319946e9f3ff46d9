#!/bin/bash
# The form of code and documents, and the spelling of these. Ends with a line of sums, as the test runner does.
#
#   lint.sh    (./test.sh lint)
cd "$(dirname "$0")/.." || exit 1
total=0 failed=0 skipped=0
check() { # NAME COMMAND...
    local name=$1 said
    shift
    total=$((total + 1))
    said=$("$@" 2>&1) && return
    failed=$((failed + 1))
    printf '    %s [FAIL]\n%s\n' "$name" "$(tail -40 <<< "$said")"
}
check_pages() { # NAME PACKAGE@VERSION PROGRAM [ARGUMENT...]
    local name=$1 package=$2
    shift 2
    if ! command -v npx > /dev/null; then
        total=$((total + 1)) skipped=$((skipped + 1))
        echo "    $name [SKIP] needs npm"
        return
    fi
    check "$name" npx --yes --package "$package" -- "$@"
}

check "the form of src (dotnet format)" dotnet format whitespace --folder --verify-no-changes src
check "the form of tests (dotnet format)" dotnet format whitespace --folder --verify-no-changes tests
check_pages "the form of documents (.markdownlint-cli2.jsonc)" markdownlint-cli2@0.24.1 markdownlint-cli2
check_pages "the spelling of documents (cspell.json)" cspell@9.8.0 cspell --no-progress
echo "Total: $total, Errors: 0, Failed: $failed, Skipped: $skipped"
[ $failed = 0 ]
