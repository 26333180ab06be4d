namespace Lava.Build.Releases;

/// <summary>The files by which a shell enters an instance. They stand in a release's <c>bin</c>, mode rw-r--r--.</summary>
internal static class ActivationScripts
{
    private static readonly (string File, Func<string, string> Quote)[] Shells =
    [
        ("activate", ShellQuoting.Posix),
        ("activate.fish", ShellQuoting.Fish),
        ("activate.csh", ShellQuoting.Csh),
        ("Activate.ps1", ShellQuoting.PowerShell),
    ];

    /// <summary>The files' names and texts, for an instance of this name.</summary>
    internal static IReadOnlyDictionary<string, string> All(string instanceName) =>
        Shells.ToDictionary(shell => shell.File, shell => Text(shell.File, shell.Quote, instanceName), StringComparer.Ordinal);

    private static string Text(string file, Func<string, string> quote, string instanceName) =>
        TextTemplate.Fill(
            TemplateResources.Read(file),
            name => name switch
            {
                "InstanceName" => quote(instanceName),
                "Prompt" => quote($"({ForPrompt(instanceName)}) "),
                _ => null,
            },
            file);

    /// <summary>Shells expand prompts again each time, each its own letters; a name has no business with any of them.</summary>
    private static string ForPrompt(string name) =>
        string.Concat(name.Select(letter => char.IsControl(letter) || "\\$`%!".Contains(letter, StringComparison.Ordinal) ? '_' : letter));
}
