using System.Globalization;
using Lava.Build.Releases;

namespace Lava.Build.Services.Systemd;

/// <summary>
/// Scripts of a release with which systemd runs it without .NET: one that becomes each service, one that looks at the health of each, and
/// one that units call. Units name no program, argument or variable, so they fit the next release as well.
/// </summary>
internal static class ServiceScripts
{
    /// <summary>What units call.</summary>
    internal const string UnitScript = "libexec/lava-build/systemd";

    private const string Directory = "libexec/lava-build";

    /// <summary>All of them.</summary>
    internal static IEnumerable<GeneratedFile> For(InstanceServices services)
    {
        yield return GeneratedFile.Program(UnitScript, Fill("systemd-script", new() { ["Base"] = Base("\"$script\"") }));
        foreach (ServiceDescription service in services.Services)
        {
            yield return GeneratedFile.Program($"{Directory}/services/{service.Name}", Service(service));
            if (service.Health is { } health)
            {
                yield return GeneratedFile.Program($"{Directory}/health/{service.Name}", Health(service, health));
            }
        }

        if (services.Services.Any(service => service.Health is { Command: "" }))
        {
            yield return GeneratedFile.Text($"{Directory}/look.py", TemplateResources.Read("Systemd/look.py"));
        }
    }

    private static string Service(ServiceDescription service)
    {
        string program = service.Command.StartsWith('/') || service.Command.StartsWith("@{", StringComparison.Ordinal)
            ? RunHoles.ShellWord(service.Command)
            : $"\"$LAVA_RELEASE\"/bin/{RunHoles.ShellWord(service.Command)}";
        return Fill("service-script", new()
        {
            ["Name"] = service.Name,
            ["Base"] = Base("\"$0\""),
            ["Environment"] = RunHoles.ShellExports(service.Environment),
            ["Directory"] = service.WorkingDirectory.Length > 0 ? $"/{RunHoles.ShellWord(service.WorkingDirectory)}" : "",
            ["Program"] = string.Join(' ', [program, .. service.Arguments.Select(RunHoles.ShellWord)]),
        });
    }

    private static string Health(ServiceDescription service, HealthCheck health) => Fill("health-script", new()
    {
        ["Name"] = service.Name,
        ["Base"] = Base("\"$0\""),
        ["Environment"] = RunHoles.ShellExports(service.Environment),
        ["Look"] = health.Command.Length > 0
            ? $"exec /bin/sh -c {ShellQuoting.Posix(RunHoles.ShellLine(health.Command))}"
            : Fill("health-look", new() { ["Name"] = service.Name, ["Arguments"] = Arguments(health) }).TrimEnd(),
    });

    private static string Arguments(HealthCheck health) => health.Http.Length > 0
        ? string.Create(CultureInfo.InvariantCulture, $"http {RunHoles.ShellWord(health.Http)} {health.Status} {health.Timeout}")
        : string.Create(CultureInfo.InvariantCulture, $"socket {RunHoles.ShellWord(health.Socket)} {health.Timeout}");

    private static string Base(string self) => Fill("service-environment", new() { ["Self"] = self }).TrimEnd();

    private static string Fill(string template, Dictionary<string, string> holes) =>
        TextTemplate.Fill(TemplateResources.Read($"Systemd/{template}"), holes.GetValueOrDefault, template);
}
