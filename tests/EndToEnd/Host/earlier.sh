#!/bin/bash
# The program of an earlier version, made of this repository's own history, once, and kept in a cache.
#
#   earlier.sh COMMIT    prints the folder with that version's tree, whose artifacts/publish/cnid is the program
#
# ENGINE_CACHE is where it is kept (/var/cache/cnid-engines). Ends with 3 where the history lacks the commit.
set -euo pipefail
commit=$1
cd "$(dirname "$(realpath "$0")")"
git -c safe.directory='*' cat-file -e "$commit^{commit}" 2> /dev/null || exit 3
cache=${ENGINE_CACHE:-/var/cache/cnid-engines}
tree=$cache/cnid-${commit:0:8}
mkdir -p "$cache"
exec 9> "$tree.lock"
flock 9 # two test runs may want it at once
if [ ! -d "$tree" ]; then
    echo "publishing cnid of commit ${commit:0:8} in $cache, some minutes" >&2
    new=$tree.new
    rm -rf "$new"
    mkdir "$new"
    git -c safe.directory='*' -C "$(git -c safe.directory='*' rev-parse --show-toplevel)" archive "$commit" | tar -x -C "$new"
    # Its own warnings are no longer of interest, and a compiler server would outlive the tests.
    (cd "$new" && dotnet publish src/DockerDriver -c Release -v quiet -o artifacts/publish -p:RunAnalyzers=false \
        -p:TreatWarningsAsErrors=false -p:UseSharedCompilation=false -nodeReuse:false > "$tree.log" 2>&1 9>&-) \
        || { tail -20 "$tree.log" >&2; echo "cnid of commit ${commit:0:8} does not publish; see $tree.log" >&2; exit 1; }
    rm -rf "$new"/src/*/{bin,obj} "$new"/artifacts/publish/*.dbg
    mv "$new" "$tree"
fi
touch "$tree"
echo "$tree"
