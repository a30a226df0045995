# Sourced by tests/run and tests/versions.

# The tests are hundreds of processes: modules that stayed uncompiled would cost minutes.
export PYTHONDONTWRITEBYTECODE=""

# Makes an environment with the package and all that tests it, or brings one up to date.
install_environment() {
    local environment=$1 python=$2 extra=$3
    [ pyproject.toml -nt "$environment/stamp" ] || return 0
    [ -x "$environment/bin/python" ] || "$python" -m venv "$environment"
    # Most of what is installed is never imported, so it is not compiled in advance.
    "$environment/bin/python" -m pip --disable-pip-version-check install --quiet --no-compile --editable ".[$extra]"
    touch "$environment/stamp"
}

# Background jobs get process groups, so that an interrupt ends all that they started.
end_jobs_at_exit() {
    set -m
    trap 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done' EXIT
}

# Waits for a background job, and prints what it wrote; fails if it did.
finish() {
    local job=$1 log=$2 status=0
    wait "$job" || status=$?
    cat "$log"
    return $status
}
