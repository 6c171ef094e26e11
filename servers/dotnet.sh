# Finds the .NET SDK and runtime; sourced by the scripts of this repository.

# Sets DOTNET_ROOT where the runtime is not in one of its usual places.
find_dotnet_root() {
    [[ -n ${DOTNET_ROOT:-} || -d /usr/share/dotnet || -d /usr/lib/dotnet ]] && return
    if [[ -x $HOME/.dotnet/dotnet ]]; then
        export DOTNET_ROOT=$HOME/.dotnet
    elif command -v dotnet >/dev/null; then
        DOTNET_ROOT=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
        export DOTNET_ROOT
    fi
}

# Ends the script with one line unless an SDK of version 10 can be used.
require_dotnet() {
    command -v dotnet >/dev/null || [[ ! -x $HOME/.dotnet/dotnet ]] || PATH=$HOME/.dotnet:$PATH
    if ! { command -v dotnet && dotnet --list-sdks | grep -q '^10\.'; } >/dev/null 2>&1; then
        echo "Godwit needs the .NET 10 SDK: 'apt-get install dotnet-sdk-10.0', or https://dotnet.microsoft.com/download, then run this again." >&2
        exit 2
    fi
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
}
