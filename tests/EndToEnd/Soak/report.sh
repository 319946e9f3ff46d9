#!/bin/bash
# report.sh LOG...: what ./test.sh soak --log has written down, as the section "soak" of docs/reliability.md.
set -euo pipefail
logs=()
for log in "$@"; do logs+=("$(realpath "$log")"); done
cd "$(dirname "$0")/../../.."
python3 - docs/reliability.md "${logs[@]}" <<'E'
import re, sys

lines = [
    "<!-- soak -->", "## A host in trouble", "",
    "`./test.sh soak`: sixteen users at a time start, stop, restart, connect, disconnect and remove containers, on networks of every kind,",
    "with and without ports, by label and by the runtime, while the host is in trouble (`tests/EndToEnd/Soak/SoakFaults.cs`). Then all that",
    "runs is attached and reaches the outside; the rest is removed, and the host is as it was. A command that is refused is one that Docker",
    "refuses by itself, such as a name in use, or meets the trouble. One that takes more than 150 s hangs: the engine's stacks then say that",
    "it does not wait for cnid. `tests/EndToEnd/Soak/report.sh` makes this section of the log.", "",
    "| seed | minutes | done | refused | hung | all attached | nothing left | what happened |", "|---|--:|--:|--:|--:|--:|--:|---|"]
rows, many = {}, []
for log in sys.argv[2:]:
    for line in open(log):
        seed, time, said = line.rstrip("\n").split("\t")
        if said.startswith("many: "):
            many.append(said.removeprefix("many: "))
            continue
        row = rows.setdefault((log, seed), {"time": time.removesuffix(" min")})
        if match := re.match(r"(\d+) done, (\d+) refused, (\d+) hung; (.*)", said):
            row["counts"], row["deeds"] = match.groups()[:3], match[4]
        elif match := re.match(r"(.*) after ([0-9.]+) s$", said):
            row[match[1]] = match[2] + " s"
for (_, seed), row in rows.items():
    lines.append(f"| `{seed[:12]}` | {row['time']} | {' | '.join(row['counts'])} | {row.get('what runs is attached', 'no')} "
                 f"| {row.get('nothing is left', 'no')} | {row['deeds']} |")
if many:
    lines += ["", f"500 attachments on 200 networks, 50 containers with ten each (`ManyTests.cs`): {'; '.join(many)}."]
section = "\n".join([*lines, "<!-- /soak -->"])
with open(sys.argv[1]) as page:
    text = page.read()
made = re.sub(r"<!-- soak -->.*<!-- /soak -->", lambda _: section, text, flags=re.S)
with open(sys.argv[1], "w") as page:
    page.write(made if "<!-- soak -->" in text else f"{text}\n{section}\n")
E
