# Source this file in csh or tcsh to enter the instance it stands in; "deactivate" leaves it.
# Limits of csh: it does not say which file it sources, so that is looked up among the files it has open in /proc;
# where there is no /proc, set the environment variable LAVA_INSTANCE first. A path with a newline cannot be used.
# What was before is kept in shell variables named _lava_old_*, until deactivate.

# By the environment, since csh would read through quotes inside of backquotes.
setenv _lava_find 'for file in /proc/$1/fd/*; do \
    target=$(command -p readlink -- "$file"; echo x); target=${target%?x}; \
    case $target in */code/*/bin/activate.csh) found=$target/found ;; esac; \
done; \
if [ "${found-}" ]; then instance=${found%/*/*/*/*/*}; \
elif [ -f "${LAVA_INSTANCE-}/code/current/bin/activate.csh" ]; then \
    instance=$(command -p readlink -f -- "$LAVA_INSTANCE"; echo x); instance=${instance%?x}; \
else echo "the file that is sourced was not found in /proc; set LAVA_INSTANCE to the instance directory first."; exit; fi; \
newline=$(printf "\nx"); newline=${newline%x}; \
case $instance in \
    *:*) echo "the path of this instance contains a colon, which PATH cannot hold; move the instance." ;; \
    *"$newline"*) echo "the path of this instance contains a newline, which csh cannot handle; move the instance." ;; \
    *) printf "%s\n" "$instance" ;; \
esac'
set _lava_instance = "`\printenv _lava_find | /bin/sh -s $$`"
unsetenv _lava_find

if ( "$_lava_instance:q" =~ /* ) then
    if ( $?VIRTUAL_ENV ) then
        set _lava_alias = "`alias deactivate`"
        if ( "$_lava_alias:q" != "" ) then
            deactivate
        else if ( $?LAVA_INSTANCE ) then
            # A parent shell is active: its variables were inherited, its deactivate was not.
            if ( "$VIRTUAL_ENV:q" == "$LAVA_INSTANCE:q/code/current" ) then
                if ( "$path[1]:q" == "$LAVA_INSTANCE:q/bin" ) shift path
                unsetenv LAVA_INSTANCE VIRTUAL_ENV VIRTUAL_ENV_PROMPT
            endif
        endif
    endif

    if ( $?PATH ) then
        set _lava_old_path = "$PATH:q"
        set _lava_leave = 'setenv PATH "$_lava_old_path:q"'
        setenv PATH "$_lava_instance:q/bin:$PATH:q"
    else
        set _lava_leave = 'unsetenv PATH'
        setenv PATH "$_lava_instance:q/bin"
    endif
    if ( $?PYTHONHOME ) then
        set _lava_old_pythonhome = "$PYTHONHOME:q"
        set _lava_leave = "$_lava_leave:q"'; setenv PYTHONHOME "$_lava_old_pythonhome:q"'
        unsetenv PYTHONHOME
    endif
    if ( $?LAVA_INSTANCE ) then
        set _lava_old_lava_instance = "$LAVA_INSTANCE:q"
        set _lava_leave = "$_lava_leave:q"'; setenv LAVA_INSTANCE "$_lava_old_lava_instance:q"'
    else
        set _lava_leave = "$_lava_leave:q"'; unsetenv LAVA_INSTANCE'
    endif
    if ( $?VIRTUAL_ENV ) then
        set _lava_old_virtual_env = "$VIRTUAL_ENV:q"
        set _lava_leave = "$_lava_leave:q"'; setenv VIRTUAL_ENV "$_lava_old_virtual_env:q"'
    else
        set _lava_leave = "$_lava_leave:q"'; unsetenv VIRTUAL_ENV'
    endif
    if ( $?VIRTUAL_ENV_PROMPT ) then
        set _lava_old_virtual_env_prompt = "$VIRTUAL_ENV_PROMPT:q"
        set _lava_leave = "$_lava_leave:q"'; setenv VIRTUAL_ENV_PROMPT "$_lava_old_virtual_env_prompt:q"'
    else
        set _lava_leave = "$_lava_leave:q"'; unsetenv VIRTUAL_ENV_PROMPT'
    endif
    # csh scripts tell by $?prompt whether they are interactive, so it is never made, only changed.
    if ( $?prompt && ! $?VIRTUAL_ENV_DISABLE_PROMPT ) then
        set _lava_old_prompt = "$prompt:q"
        set _lava_leave = "$_lava_leave:q"'; set prompt = "$_lava_old_prompt:q"'
        set prompt = @{Prompt}"$prompt:q"
    endif
    setenv LAVA_INSTANCE "$_lava_instance:q"
    setenv VIRTUAL_ENV "$_lava_instance:q/code/current"
    setenv VIRTUAL_ENV_PROMPT @{InstanceName}
    alias deactivate "$_lava_leave:q"'; unset _lava_old_*; unalias deactivate; rehash'
    rehash
    alias _lava_end 'unset _lava_alias _lava_instance _lava_leave; unalias _lava_end; set status = 0'
else
    /bin/sh -c 'printf "activate.csh: %s\n" "$1" >&2' sh "$_lava_instance:q"
    alias _lava_end 'unset _lava_instance; unalias _lava_end; set status = 1'
endif
# The last command says how it went; endif would say that all is well.
_lava_end
