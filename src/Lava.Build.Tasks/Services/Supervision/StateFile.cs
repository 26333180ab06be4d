using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Writes and reads <c>run/services.json</c>. By hand: a status must not wait for a serializer to be made.</summary>
internal static class StateFile
{
    private const int Format = 1;
    private const int Longest = 4 << 20;
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";

    // No browser reads it, so a plus may be one.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Its place in an instance.</summary>
    internal static string PathIn(InstanceLayout layout) => Path.Combine(layout.Root, "run", "services.json");

    /// <summary>Replaces the file.</summary>
    /// <param name="layout">The instance.</param>
    /// <param name="state">What it says.</param>
    /// <param name="user">Whose file it is, where that is not the caller.</param>
    internal static void Write(InstanceLayout layout, InstanceState state, RunAs? user)
    {
        byte[] text = ToBytes(state);
        using FileIdentity identity = FileIdentity.Of(user);
        AtomicFile.WriteForThisBoot(PathIn(layout), text, AtomicFile.PublicMode);
    }

    /// <summary>Reads the file; null if there is none, or it is none of ours. Control characters in its texts are made visible, as people see them.</summary>
    internal static InstanceState? Read(InstanceLayout layout)
    {
        if (ForeignFile.Read(PathIn(layout), Longest) is not { } text)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return Read(document.RootElement);
        }
        catch (Exception failure) when (failure
            is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>A time as the file and messages have it.</summary>
    internal static string TimeText(DateTime time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>A condition's word.</summary>
    internal static string Word<T>(T condition)
        where T : struct, Enum => condition.ToString().ToLowerInvariant();

    /// <summary>What a word says. Enum.Parse takes any number, too, and several words at once.</summary>
    /// <exception cref="ArgumentException">It is none of the words.</exception>
    internal static T Parse<T>(string word)
        where T : struct, Enum => Enum.GetValues<T>().Any(value => Word(value) == word) ? Enum.Parse<T>(word, ignoreCase: true)
            : throw new ArgumentException($"'{word}' is no {typeof(T).Name}", nameof(word));

    /// <summary>The file's bytes.</summary>
    internal static byte[] ToBytes(InstanceState state)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Readable))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteString("boot", state.Boot);
            writer.WriteString("token", state.Token);
            writer.WriteString("release", state.Release);
            writer.WriteStartObject("supervisor");
            WriteProcess(writer, state.Supervisor);
            writer.WriteString("since", TimeText(state.Since));
            writer.WriteBoolean("detached", state.Detached);
            writer.WriteEndObject();
            writer.WriteString("state", Word(state.Condition));
            writer.WriteStartArray("services");
            foreach (ServiceState service in state.Services)
            {
                Write(writer, service);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("steps");
            foreach (StepState step in state.Steps)
            {
                writer.WriteStartObject();
                writer.WriteString("name", step.Name);
                writer.WriteString("state", Word(step.Condition));
                WriteProcess(writer, step.Process);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter writer, ServiceState service)
    {
        writer.WriteStartObject();
        writer.WriteString("name", service.Name);
        writer.WriteString("state", Word(service.Condition));
        WriteProcess(writer, service.Process);
        writer.WriteNumber("session", service.Process.Id);
        writer.WriteNumber("restarts", service.Restarts);
        writer.WriteString("since", TimeText(service.Since));
        if (service.Exit is { } exit)
        {
            writer.WriteNumber("exit", exit);
        }
        else
        {
            writer.WriteNull("exit");
        }

        writer.WriteString("reason", service.Reason);
        writer.WriteString("killMode", Word(service.End.Mode));
        writer.WriteString("stopSignal", service.End.Signal);
        writer.WriteNumber("stopTimeout", service.End.Timeout);
        writer.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter writer, ProcessIdentity process)
    {
        writer.WriteNumber("pid", process.Id);
        writer.WriteNumber("start", process.Start);
    }

    private static InstanceState? Read(JsonElement root)
    {
        if (root.GetProperty("format").GetInt32() != Format)
        {
            return null;
        }

        JsonElement supervisor = root.GetProperty("supervisor");
        return new InstanceState
        {
            Boot = Text(root, "boot"),
            Token = Text(root, "token"),
            Release = Text(root, "release"),
            Supervisor = Process(supervisor),
            Since = Time(supervisor),
            Detached = supervisor.GetProperty("detached").GetBoolean(),
            Condition = Parse<InstanceCondition>(Text(root, "state")),
            Services = [.. root.GetProperty("services").EnumerateArray().Select(Service)],
            Steps =
            [
                .. root.GetProperty("steps").EnumerateArray()
                    .Select(step => new StepState(Text(step, "name"), Parse<StepCondition>(Text(step, "state"))) { Process = Process(step) }),
            ],
        };
    }

    private static ServiceState Service(JsonElement element) =>
        new(Text(element, "name"), Parse<ServiceCondition>(Text(element, "state")))
        {
            Process = Process(element),
            Restarts = element.GetProperty("restarts").GetInt32(),
            Since = Time(element),
            Exit = element.GetProperty("exit") is { ValueKind: JsonValueKind.Number } exit ? exit.GetInt32() : null,
            Reason = Text(element, "reason"),
            End = new EndRule(
                Parse<KillMode>(Text(element, "killMode")), Text(element, "stopSignal"), element.GetProperty("stopTimeout").GetInt32()),
        };

    private static ProcessIdentity Process(JsonElement element) => new(element.GetProperty("pid").GetInt32(), element.GetProperty("start").GetInt64());

    private static DateTime Time(JsonElement element) => DateTime.Parse(
        Text(element, "since"), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private static string Text(JsonElement element, string name) => VisibleText.Of(element.GetProperty(name).GetString() ?? "");
}
