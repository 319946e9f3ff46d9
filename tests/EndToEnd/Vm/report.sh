#!/bin/bash
# report.sh [RESULTS]: what the tests that boot have tried, as the section "vm" of docs/reliability.md; the page is made if there is none.
#
#   RESULTS: what ./test.sh vm has written, artifacts/vm.xml
set -euo pipefail
results=$(realpath "${1:-$(dirname "$0")/../../../artifacts/vm.xml}")
cd "$(dirname "$0")/../../.."
page=docs/reliability.md
[ -e $page ] || echo '# Reliability' > $page
KERNEL=$(linux.uml --version) python3 - "$results" $page <<'E2'
import os, re, sys
import xml.etree.ElementTree as xml

tests = sorted(xml.parse(sys.argv[1]).getroot().iter("test"), key=lambda test: (test.get("type"), test.get("name")))
lines = [
    "<!-- vm -->", "## A machine that boots", "",
    f"`./test.sh vm` boots Linux {os.environ['KERNEL']} with systemd, Docker and the package, and does to it what happens to hosts "
    "(`tests/EndToEnd/Vm`).", "This section is made of a run's results by `tests/EndToEnd/Vm/report.sh`.", "",
    "| test | result | s |", "|---|---|--:|"]
for test in tests:
    name = re.sub(r'\(plugins: \\?"([^"\\]*)\\?"\)', r", \1", test.get("name").removeprefix("EndToEnd.Vm.").replace("_", " "))
    lines.append(f"| {name} | {test.get('result').lower().replace('pass', 'passed')} | {float(test.get('time')):.0f} |")
section = "\n".join([*lines, "<!-- /vm -->"])
with open(sys.argv[2]) as page:
    text = page.read()
found = re.compile("<!-- vm -->.*<!-- /vm -->", re.S)
text = found.sub(lambda _: section, text) if found.search(text) else text.rstrip() + "\n\n" + section + "\n"
with open(sys.argv[2], "w") as page:
    page.write(text)
E2
