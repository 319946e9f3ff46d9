# cnid as an image: one static tree of cnid, iptables, nft and the reference plugins; no shell, no package manager.
#
#   docker build -t cnid --build-arg VERSION=0.2.0 .
#
# Without a network: name bases that have what is needed, and a cnid that is already published.
#   docker build -t cnid --build-arg SDK=BASE --build-arg BASE=BASE --build-arg CNID=artifacts/publish/cnid \
#       --build-arg VERSION="$(artifacts/publish/cnid --version)" .
#   SDK     has the .NET SDK, clang and zlib's headers; with CNID any base will do
#   BASE    a Debian; what it lacks of iptables, nftables and containernetworking-plugins is installed
#   VERSION the version of cnid, and the image's label: the context has no .git
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0-aot
ARG BASE=debian:trixie-slim

FROM ${SDK} AS publish
ARG CNID=
ARG VERSION=
COPY . /src
WORKDIR /src
RUN if [ -n "$CNID" ]; then install -D "$CNID" /out/cnid; \
    else MinVerVersionOverride=$VERSION dotnet publish src/DockerDriver -c Release -v quiet -o /out -p:CppCompilerAndLinker=clang; fi

FROM ${BASE} AS files
RUN missing=; \
    for package in iptables nftables containernetworking-plugins; do dpkg-query -W "$package" > /dev/null 2>&1 || missing="$missing $package"; done; \
    [ -z "$missing" ] || { apt-get update && apt-get install -y --no-install-recommends $missing; }
COPY packaging/rootfs.sh /
COPY --from=publish /out/cnid /cnid
ARG VERSION=
RUN version=$(/cnid --version); [ "${VERSION:-$version}" = "$version" ] || { echo "VERSION is $VERSION, cnid's is $version" >&2; exit 1; }
RUN bash /rootfs.sh /image /cnid

FROM scratch
ARG VERSION=
LABEL org.opencontainers.image.title="cnid" \
      org.opencontainers.image.description="CNI networks for Docker containers: Docker's network driver \"cni\"" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=files /image /
# The lock of iptables' older back end: /run is read-only where this image is run as it should be.
ENV PATH=/usr/sbin:/usr/bin XTABLES_LOCKFILE=/run/cnid/xtables.lock
HEALTHCHECK --interval=10s --timeout=10s --start-period=5s CMD ["/usr/bin/cnid", "health"]
ENTRYPOINT ["/usr/bin/cnid"]
CMD ["serve"]
