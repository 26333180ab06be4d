using Lava.Build.Releases;

namespace Lava.Build.Services;

/// <summary>One sh script in a release for each step, so that a step is the same whoever starts it: the supervisor, systemd, or an admin.</summary>
public static class StepScripts
{
    /// <summary>Their directory in a release.</summary>
    public const string Directory = "libexec/lava-build/steps";

    private const string Template = "step";

    /// <summary>The scripts of <paramref name="steps"/>.</summary>
    public static IEnumerable<GeneratedFile> For(IEnumerable<StepDescription> steps)
    {
        foreach (StepDescription step in steps)
        {
            Dictionary<string, string> holes = new(StringComparer.Ordinal)
            {
                ["Head"] = LauncherScripts.Head(Directory.Count(letter => letter == '/') + 1),
                ["Name"] = step.Name,
                ["Once"] = step.Once.ToString().ToLowerInvariant(),
                ["Command"] = ShellQuoting.Posix(RunHoles.ShellLine(step.Command)),
                ["Environment"] = RunHoles.ShellExports(step.Environment),
            };
            string text = TextTemplate.Fill(TemplateResources.Read(Template), holes.GetValueOrDefault, Template);
            yield return GeneratedFile.Program($"{Directory}/{step.Name}", text);
        }
    }
}
