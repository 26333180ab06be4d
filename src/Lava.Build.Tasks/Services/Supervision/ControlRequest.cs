using System.Text.Json;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>What a running supervisor is asked to do: <c>run/services.request</c>, which it reads when it gets SIGHUP.</summary>
/// <param name="Id">What the supervisor writes into its state when it has done it.</param>
/// <param name="Restart">The services to restart; all, with the active release, if empty.</param>
internal sealed record ControlRequest(string Id, IReadOnlyList<string> Restart)
{
    /// <summary>Leaves the request for the supervisor.</summary>
    internal void Write(InstanceLayout layout, RunAs? user)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartObject();
            writer.WriteString("id", Id);
            writer.WriteStartArray("restart");
            foreach (string name in Restart)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using FileIdentity identity = FileIdentity.Of(user);
        AtomicFile.WriteForThisBoot(PathIn(layout), text.ToArray(), AtomicFile.PrivateMode);
    }

    /// <summary>Takes the request; null if there is none, or none that makes sense.</summary>
    internal static ControlRequest? Take(InstanceLayout layout, RunAs? user)
    {
        using FileIdentity identity = FileIdentity.Of(user);
        try
        {
            byte[] text = File.ReadAllBytes(PathIn(layout));
            File.Delete(PathIn(layout));
            using JsonDocument document = JsonDocument.Parse(text);
            return new ControlRequest(
                document.RootElement.GetProperty("id").GetString() ?? "",
                [.. document.RootElement.GetProperty("restart").EnumerateArray().Select(name => name.GetString() ?? "")]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string PathIn(InstanceLayout layout) => Path.Combine(layout.Root, "run", "services.request");
}
