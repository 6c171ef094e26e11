# shellcheck shell=bash
# What pki, gridftp and xrootd share; sourced by them, which set folder, and pki: the folder of servers/pki.
# shellcheck disable=SC2154

fail() {
    echo "servers/$(basename -- "$0"): $*" >&2
    exit 1
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    local tries=$(($1 * 50))
    for ((; tries > 0; tries--)); do
        "${@:2}" >/dev/null 2>&1 && return
        sleep 0.02
    done
    return 1
}

# install_packages PACKAGE...: from Debian; nothing is started by it.
install_packages() {
    (($#)) || return 0
    local sudo=()
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "these packages are missing and only root can install them: apt-get install $*"
        sudo=(sudo -n)
    fi
    echo "installing: $*" >&2
    # Debian starts a daemon as soon as it is installed unless this says no.
    local policy=/usr/sbin/policy-rc.d ours='' done=1 log
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
        "${sudo[@]}" chmod 755 "$policy"
        ours=1
    fi
    log=$(mktemp)
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null || done=
    [[ -z $ours ]] || "${sudo[@]}" rm -f "$policy"
    [[ -n $done ]] || { tail -5 "$log" >&2; rm -f "$log"; fail "the packages could not be installed: $*"; }
    rm -f "$log"
}

# Below the range from which the kernel takes ports for connections.
free_port() {
    local port
    for _ in {1..200}; do
        port=$((RANDOM % 10000 + 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no free port was found"
}

# alive NAME: whether the daemon of $folder/run/NAME.pid runs and is ours: its settings are $folder/NAME.conf. The dead who wait for their
# parent have no command line.
alive() {
    local pid
    pid=$(cat "$folder/run/$1.pid" 2>/dev/null) && [[ -n $pid ]] && grep -qaF "$folder/$1.conf" "/proc/$pid/cmdline" 2>/dev/null
}

# end NAME: the daemon, and the sessions that it forked: they are its process group.
end() {
    alive "$1" || return 0
    local pid
    pid=$(<"$folder/run/$1.pid")
    kill -TERM -- "-$pid" 2>/dev/null || true
    wait_for 5 eval "! alive $1" || true
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait_for 5 eval "! alive $1" || true
}

# host_credentials OWNER: the server's own copy of what it shows and whom it trusts. Keys have to be its account's, and sessions of other
# accounts read the certificates.
host_credentials() {
    mkdir -p "$folder/host"
    cp -a "$pki/certificates" "$folder/host/"
    cp "$pki/host/cert.pem" "$pki/host/key.pem" "$pki/host/proxy.pem" "$folder/host/"
    chmod 400 "$folder/host/key.pem"
    chmod 600 "$folder/host/proxy.pem"
    chown -R "$1" "$folder/host"
    chmod -R a+rX "$folder/host/certificates"
}

# Whether the running servers trust and show what clients have now.
same_pki() {
    cmp -s "$pki/host/cert.pem" "$folder/host/cert.pem"
}
