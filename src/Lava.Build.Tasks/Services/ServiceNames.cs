using System.Text.Json;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services;

/// <summary>The names in a release's description of what runs. Read by hand: a serializer would take longer to be made than a status takes.</summary>
/// <param name="Instance">The instance's; empty if nothing runs.</param>
/// <param name="Services">Those of its services, in the order of their start.</param>
internal sealed record ServiceNames(string Instance, IReadOnlyList<string> Services)
{
    /// <summary>Reads them.</summary>
    /// <param name="release">The release's directory.</param>
    /// <exception cref="LavaException">The file is not as it was written (LAVA5001).</exception>
    internal static ServiceNames Of(string release)
    {
        string file = Path.Combine(release, ServicesFile.Path);
        if (!File.Exists(file))
        {
            return new ServiceNames("", []);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            List<string> services = [];
            foreach (JsonElement service in document.RootElement.GetProperty("services").EnumerateArray())
            {
                services.Add(service.GetProperty("name").GetString() ?? "");
            }

            return new ServiceNames(document.RootElement.GetProperty("instance").GetString() ?? "", services);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Problem.Error(Strings.BadServicesFile, new SourceLocation(file), file, ServicesFile.Words(failure)).ToException(failure);
        }
    }
}
