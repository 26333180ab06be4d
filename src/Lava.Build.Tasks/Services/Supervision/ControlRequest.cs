using System.Text.Json;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>What becomes of services.</summary>
internal enum ControlVerb
{
    /// <summary>They are stopped and started.</summary>
    Restart,

    /// <summary>They are stopped; others go on.</summary>
    Stop,
}

/// <summary>
/// What a running supervisor is asked to do: <c>run/services.request.&lt;id&gt;</c>, which it looks for when it gets SIGUSR1, and deletes when
/// it has done that. One file for each, so that no request takes the place of another.
/// </summary>
/// <param name="Id">32 hexadecimal digits, greater than those of earlier requests.</param>
/// <param name="Verb">What is to be done.</param>
/// <param name="Services">With which services; with all and the active release, if empty.</param>
internal sealed record ControlRequest(string Id, ControlVerb Verb, IReadOnlyList<string> Services)
{
    private const string Prefix = "services.request.";
    private const string IdFormat = "N";
    private const int LongestFile = 64 << 10;

    /// <summary>Says that a request is there.</summary>
    internal static int Signal { get; } = SignalNames.Number("SIGUSR1");

    /// <summary>A request that nobody has made before.</summary>
    internal static ControlRequest Make(ControlVerb verb, IReadOnlyList<string> services) => new(Guid.CreateVersion7().ToString(IdFormat), verb, services);

    /// <summary>Leaves the request for the supervisor.</summary>
    internal void Write(InstanceLayout layout, RunAs? user)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartObject();
            writer.WriteString("verb", StateFile.Word(Verb));
            writer.WriteStartArray("services");
            foreach (string name in Services)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using FileIdentity identity = FileIdentity.Of(user);
        AtomicFile.WriteForThisBoot(PathIn(layout, Id), text.ToArray(), AtomicFile.PrivateMode);
    }

    /// <summary>Whether the supervisor has not done it yet.</summary>
    internal bool Waits(InstanceLayout layout) => File.Exists(PathIn(layout, Id));

    /// <summary>Nobody needs to do it any more.</summary>
    internal void Delete(InstanceLayout layout, RunAs? user) => Delete(layout, user, Id);

    /// <summary>All requests that wait, the oldest first; one that makes no sense is deleted.</summary>
    internal static IReadOnlyList<ControlRequest> Find(InstanceLayout layout, RunAs? user)
    {
        List<ControlRequest> found = [];
        foreach (string id in Ids(layout, user))
        {
            if (Read(layout, user, id) is { } request)
            {
                found.Add(request);
            }
            else
            {
                Delete(layout, user, id);
            }
        }

        return found;
    }

    private static string[] Ids(InstanceLayout layout, RunAs? user)
    {
        using FileIdentity identity = FileIdentity.Of(user);
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path.Combine(layout.Root, "run"), Prefix + "*").Select(file => Path.GetFileName(file)[Prefix.Length..])
                    // What is being written has more behind it.
                    .Where(id => Guid.TryParseExact(id, IdFormat, out _))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Without the directory there are none.
            return [];
        }
    }

    private static ControlRequest? Read(InstanceLayout layout, RunAs? user, string id)
    {
        using FileIdentity identity = FileIdentity.Of(user);
        try
        {
            using JsonDocument document = JsonDocument.Parse(ForeignFile.Read(PathIn(layout, id), LongestFile) ?? []);
            return new ControlRequest(
                id,
                StateFile.Parse<ControlVerb>(document.RootElement.GetProperty("verb").GetString() ?? ""),
                [.. document.RootElement.GetProperty("services").EnumerateArray().Select(name => name.GetString() ?? "")]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static void Delete(InstanceLayout layout, RunAs? user, string id)
    {
        using FileIdentity identity = FileIdentity.Of(user);
        try
        {
            File.Delete(PathIn(layout, id));
        }
        catch (UnauthorizedAccessException)
        {
            // Somebody has put a directory there, or taken this one away from the instance's user.
        }
    }

    private static string PathIn(InstanceLayout layout, string id) => Path.Combine(layout.Root, "run", Prefix + id);
}
