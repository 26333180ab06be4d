using System.Text.Json;
using System.Text.Json.Serialization;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services;

/// <summary>The description of what runs, in a release: JSON, one value a line, names in camel case.</summary>
public static class ServicesFile
{
    /// <summary>Its place in a release.</summary>
    public const string Path = "share/lava-build/services.json";

    private const int LongestReason = 300;

    /// <summary>The file's text, with a newline at the end.</summary>
    public static string ToText(InstanceServices services) => JsonSerializer.Serialize(services, ServicesJson.Default.InstanceServices) + "\n";

    /// <summary>What a release runs; nothing if it says nothing of it, as its programs may be run all the same.</summary>
    /// <param name="release">The release's absolute directory.</param>
    /// <param name="instance">The instance's name, where the release does not say it.</param>
    /// <param name="user">Whom programs run as if started by root, likewise.</param>
    /// <exception cref="LavaException">The file is not as it was written (LAVA5001).</exception>
    public static InstanceServices ReadIfAny(string release, string instance = "", string user = "")
    {
        string file = System.IO.Path.Combine(release, Path);
        if (!File.Exists(file))
        {
            return new InstanceServices { Instance = instance, User = user };
        }

        try
        {
            InstanceServices? services = JsonSerializer.Deserialize(File.ReadAllBytes(file), ServicesJson.Default.InstanceServices);
            return services is not null && IsWhole(services)
                ? services
                : throw Problem.Error(Strings.BadServicesFile, new SourceLocation(file), file, "something is missing in it, or stands there twice").ToException();
        }
        catch (JsonException failure)
        {
            throw Problem.Error(Strings.BadServicesFile, new SourceLocation(file), file, Words(failure)).ToException(failure);
        }
    }

    /// <summary>What a reader of JSON says, without the end of a path that nobody reads.</summary>
    internal static string Words(Exception failure) => failure.Message.Length <= LongestReason ? failure.Message : $"{failure.Message[..LongestReason]}...";

    // What a record sets by itself is lost where the text has nothing: the reader that is generated sets all properties.
    private static bool IsWhole(InstanceServices services) =>
        services is { Instance: not null, User: not null, Address: not null, Services: not null, Steps: not null, Checks: not null }
        && services.Services.All(service =>
            service is
            {
                Name: not null, Command: not null, Arguments: not null, Environment: not null, WorkingDirectory: not null, User: not null, After: not null,
                StopSignal: not null, DrainSignal: not null, Listens: not null, Sandbox: not null,
            }
            && AllStand([service.Arguments, service.After, service.Listens, service.Environment.Values, service.Sandbox.Values])
            && Enum.IsDefined(service.Restart) && Enum.IsDefined(service.OnFailure) && Enum.IsDefined(service.KillMode)
            && service.Health is null or { Http: not null, Socket: not null, Command: not null })
        && services.Steps.All(step =>
            step is { Name: not null, Command: not null, Environment: not null, After: not null }
            && AllStand([step.After, step.Environment.Values]) && Enum.IsDefined(step.Once))
        && services.Checks.All(check => check is { Name: not null, Command: not null, Http: not null, Sql: not null, Expected: not null })
        && AreDistinct([.. services.Services.Select(service => service.Name), .. services.Steps.Select(step => step.Name)]);

    private static bool AllStand(IEnumerable<string>[] texts) => texts.All(list => list.All(text => text is not null));

    // What waits for what is said by name.
    private static bool AreDistinct(string[] names) => names.Distinct(StringComparer.Ordinal).Count() == names.Length;
}

/// <summary>How the file is written and read.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceServices))]
internal sealed partial class ServicesJson : JsonSerializerContext;
