# Dot-source this file in PowerShell to enter the instance it stands in; "deactivate" leaves it.
# PowerShell keeps functions and variables of a dot-sourced file, so all names here live in one script block.

& {
    # The physical path: links of every directory on the way are followed, as readlink -f does.
    function Resolve-LavaPath([string] $Path) {
        $Resolved = '/'
        $Parts = [System.Collections.Generic.Stack[string]]::new()
        $Names = $Path.Split('/')
        for ($Index = $Names.Length - 1; $Index -ge 0; $Index--) { $Parts.Push($Names[$Index]) }
        $Followed = 0
        while ($Parts.Count -gt 0) {
            $Part = $Parts.Pop()
            if ($Part -ceq '' -or $Part -ceq '.') { continue }
            if ($Part -ceq '..') {
                $Resolved = [System.IO.Path]::GetDirectoryName($Resolved)
                if (-not $Resolved) { $Resolved = '/' }
                continue
            }
            $Next = if ($Resolved -ceq '/') { "/$Part" } else { "$Resolved/$Part" }
            $Target = [System.IO.FileInfo]::new($Next).LinkTarget
            if ($null -eq $Target) { $Resolved = $Next; continue }
            if (++$Followed -gt 40) { throw "too many symbolic links in $Path" }
            if ($Target.StartsWith('/', [System.StringComparison]::Ordinal)) { $Resolved = '/' }
            $Names = $Target.Split('/')
            for ($Index = $Names.Length - 1; $Index -ge 0; $Index--) { $Parts.Push($Names[$Index]) }
        }
        $Resolved
    }

    $Instance = Resolve-LavaPath $args[0]
    foreach ($Level in 1..4) { $Instance = [System.IO.Path]::GetDirectoryName($Instance) }
    if ($Instance.Contains([System.IO.Path]::PathSeparator)) {
        throw "Activate.ps1: the path of this instance contains '$([System.IO.Path]::PathSeparator)', which PATH cannot hold; move the instance."
    }

    $Get = { param($Name) [System.Environment]::GetEnvironmentVariable($Name) }
    $Deactivate = Get-Item -LiteralPath Function:deactivate -ErrorAction Ignore
    if ($null -ne (& $Get 'VIRTUAL_ENV')) {
        if ($Deactivate) {
            deactivate
        } elseif ((& $Get 'VIRTUAL_ENV') -ceq "$(& $Get 'LAVA_INSTANCE')/code/current") {
            # A parent shell is active: its variables were inherited, its deactivate was not.
            $Inherited = "$(& $Get 'LAVA_INSTANCE')/bin:"
            if ("$(& $Get 'PATH')".StartsWith($Inherited, [System.StringComparison]::Ordinal)) {
                [System.Environment]::SetEnvironmentVariable('PATH', (& $Get 'PATH').Substring($Inherited.Length))
            }
            foreach ($Name in 'LAVA_INSTANCE', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
                [System.Environment]::SetEnvironmentVariable($Name, [NullString]::Value)
            }
        }
    }

    # What was before is kept by the closure that deactivate is.
    $Before = [ordered] @@{}
    foreach ($Name in 'PATH', 'PYTHONHOME', 'LAVA_INSTANCE', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
        $Before[$Name] = & $Get $Name
    }
    $OldPrompt = $null
    if (-not (& $Get 'VIRTUAL_ENV_DISABLE_PROMPT')) {
        $OldPrompt = (Get-Item -LiteralPath Function:prompt -ErrorAction Ignore).ScriptBlock
        if ($null -eq $OldPrompt) { $OldPrompt = { 'PS> ' } }
    }
    $Leave = {
        foreach ($Name in $Before.Keys) {
            $Value = if ($null -eq $Before[$Name]) { [NullString]::Value } else { $Before[$Name] }
            [System.Environment]::SetEnvironmentVariable($Name, $Value)
        }
        if ($OldPrompt) { Set-Item -LiteralPath Function:global:prompt -Value $OldPrompt }
        Remove-Item -LiteralPath Function:deactivate
    }.GetNewClosure()
    Set-Item -LiteralPath Function:global:deactivate -Value $Leave

    if ($OldPrompt) {
        $Prefix = @{Prompt}
        Set-Item -LiteralPath Function:global:prompt -Value { $Prefix + (& $OldPrompt) }.GetNewClosure()
    }
    $OldPath = & $Get 'PATH'
    [System.Environment]::SetEnvironmentVariable('LAVA_INSTANCE', $Instance)
    [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV', "$Instance/code/current")
    [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV_PROMPT', @{InstanceName})
    [System.Environment]::SetEnvironmentVariable('PATH', $(if ($OldPath) { "$Instance/bin:$OldPath" } else { "$Instance/bin" }))
    [System.Environment]::SetEnvironmentVariable('PYTHONHOME', [NullString]::Value)
} $PSCommandPath
