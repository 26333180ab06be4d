using System.Globalization;
using System.Text.Json;

namespace Lava.Build.Sdk.Tests;

/// <summary>What an instance runs and how it is checked, put into its release as a file of the project's.</summary>
internal static class TestServices
{
    /// <summary>The item that puts <see cref="Write"/>'s file into the release.</summary>
    public const string Item = """<LavaTemplate Include="services.json" Destination="share/lava-build/services.json" />""";

    /// <summary>Describes checks, each a name and one other value (<c>command</c>, <c>http</c> or <c>sql</c>), of an instance that listens at a port.</summary>
    public static void Write(TestProject project, int? port, params (string Name, string Kind, string Value)[] checks)
    {
        string[] listens = port is { } number ? [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{number}")] : [];
        object[] services = listens.Length == 0 ? [] : [Service(listens)];
        string text = JsonSerializer.Serialize(new
        {
            instance = "instance",
            user = "",
            address = "",
            services,
            steps = Array.Empty<object>(),
            checks = checks.Select(check => new
            {
                name = check.Name,
                command = check.Kind == "command" ? check.Value : "",
                http = check.Kind == "http" ? check.Value : "",
                status = 200,
                sql = check.Kind == "sql" ? check.Value : "",
                expected = "",
                timeout = 30,
            }),
        });
        project.Write("services.json", text.Replace("@{", "@@{", StringComparison.Ordinal));
    }

    private static object Service(string[] listens) => new
    {
        name = "web",
        command = "web",
        arguments = Array.Empty<string>(),
        environment = new Dictionary<string, string>(),
        workingDirectory = "",
        user = "",
        after = Array.Empty<string>(),
        stopSignal = "SIGTERM",
        drainSignal = "",
        listens,
        sandbox = new Dictionary<string, string>(),
    };
}
