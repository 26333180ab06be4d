# Source this file in fish (3.1 or later) to enter the instance it stands in; "deactivate" leaves it.

# Paths travel with a NUL behind them: fish splits what a command prints at newlines.
set -l _lava_instance (command /bin/sh -c '
    [ -f "$1" ] || exit 1
    file=$(command -p readlink -f -- "$1"; echo x)
    file=${file%?x}
    printf "%s\\0" "${file%/*/*/*/*}"' sh (status filename | string collect) | string split0)
if test -z "$_lava_instance"
    echo "activate.fish: the place of this file cannot be found; source it by its path." >&2
    return 1
end
if string match -qr : -- "$_lava_instance"
    echo "activate.fish: the path of this instance contains ':', which PATH cannot hold; move the instance." >&2
    return 1
end

if set -q VIRTUAL_ENV
    if functions -q deactivate
        deactivate
    else if set -q LAVA_INSTANCE; and test "$VIRTUAL_ENV" = "$LAVA_INSTANCE/code/current"
        # A parent shell is active: its variables were inherited, its deactivate was not.
        test "$PATH[1]" = "$LAVA_INSTANCE/bin"; and set -eg PATH[1]
        set -eg LAVA_INSTANCE
        set -eg VIRTUAL_ENV
        set -eg VIRTUAL_ENV_PROMPT
    end
end

# What was before is kept inside deactivate as commands. Only globals are touched, so universal variables stay.
set -l _lava_restore
for _lava_name in PATH PYTHONHOME LAVA_INSTANCE VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    if set -qgx $_lava_name
        set -a _lava_restore (string join ' ' -- set -gx $_lava_name (string escape -- $$_lava_name))
    else if set -qg $_lava_name
        set -a _lava_restore (string join ' ' -- set -gu $_lava_name (string escape -- $$_lava_name))
    else
        set -a _lava_restore "set -eg $_lava_name"
    end
end

function deactivate --description 'Leave the instance' --inherit-variable _lava_restore
    for _lava_command in $_lava_restore
        eval $_lava_command
    end
    if functions -q _lava_fish_prompt
        functions -e fish_prompt
        functions -c _lava_fish_prompt fish_prompt
        functions -e _lava_fish_prompt
    end
    functions -e deactivate
end

set -gx LAVA_INSTANCE $_lava_instance
set -gx VIRTUAL_ENV $_lava_instance/code/current
set -gx VIRTUAL_ENV_PROMPT @{InstanceName}
set -gx PATH $_lava_instance/bin $PATH
set -eg PYTHONHOME

if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
    functions -c fish_prompt _lava_fish_prompt
    function fish_prompt
        set -l _lava_status $status
        printf %s @{Prompt}
        # The prompt inside may show the status of the last command.
        echo "exit $_lava_status" | source
        _lava_fish_prompt
    end
end
true
