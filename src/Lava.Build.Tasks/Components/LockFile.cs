using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Components;

/// <summary>
/// Every component's pin, committed beside the project. JSON, components sorted by name, one value a line, so that its
/// difference reads well. Holds no host names, credentials or times.
/// </summary>
public sealed class LockFile(IReadOnlyDictionary<string, Pin> pins)
{
    private const int FormatVersion = 1;
    private const int LongestReason = 200;

    /// <summary>The pins by component name.</summary>
    public IReadOnlyDictionary<string, Pin> Pins { get; } = pins;

    /// <summary>Reads a lock file; null if there is none.</summary>
    /// <exception cref="LavaException">It is not a lock file, or was edited into something that cannot be (LAVA1012).</exception>
    public static LockFile? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] content = File.ReadAllBytes(path);
        try
        {
            JsonDocumentOptions options = new() { AllowDuplicateProperties = false };
            // Some editors put a byte-order mark there.
            ReadOnlyMemory<byte> text = content.AsMemory(content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
            using JsonDocument document = JsonDocument.Parse(text, options);
            return Parse(document.RootElement);
        }
        catch (JsonException failure)
        {
            SourceLocation location = new(path, (int)(failure.LineNumber ?? -1) + 1);
            throw Problem.Error(Strings.BadLockFile, location, path, Reason(content, failure)).ToException(failure);
        }
        catch (InvalidOperationException failure)
        {
            // Text is decoded only where it is asked for, and this is how what is no UTF-8 is told.
            throw Problem.Error(Strings.BadLockFile, new SourceLocation(path), path, "it is not UTF-8 text").ToException(failure);
        }
        catch (LockFileFormatException failure)
        {
            SourceLocation location = new(path, LineOf(content, failure.Component));
            throw Problem.Error(Strings.BadLockFile, location, path, failure.Message).ToException(failure);
        }
    }

    /// <summary>Writes the lock file if its text changes; whole or not at all.</summary>
    /// <returns>Whether it was written.</returns>
    public async Task<bool> WriteAsync(string path, CancellationToken cancellation)
    {
        AtomicFile.DeleteLeftovers(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        string text = ToText();
        if (File.Exists(path) && File.ReadAllText(path) == text)
        {
            return false;
        }

        // LavaLockFile may name a directory that is not there yet, such as one for each architecture.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await AtomicFile.WriteAsync(path, text, AtomicFile.PublicMode, cancellation);
        return true;
    }

    /// <summary>The file's text, with a newline at the end.</summary>
    public string ToText()
    {
        using MemoryStream stream = new();
        JsonWriterOptions options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter writer = new(stream, options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", FormatVersion);
            writer.WriteStartObject("components");
            foreach (Pin pin in Pins.Values.OrderBy(pin => pin.Name, StringComparer.Ordinal))
            {
                Write(writer, pin);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, Pin pin)
    {
        writer.WriteStartObject(pin.Name);
        writer.WriteString("source", pin.Source);
        WriteOptional(writer, "version", pin.Version.Length == 0 ? null : pin.Version);
        WriteOptional(writer, "architecture", pin.Architecture);
        WriteOptional(writer, "file", pin.File);
        if (pin.Size is { } size)
        {
            writer.WriteNumber("size", size);
        }

        WriteOptional(writer, "sha256", pin.Sha256);
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static LockFile Parse(JsonElement root)
    {
        Expect(root, JsonValueKind.Object, "the file", null);
        if (!root.TryGetProperty("version", out JsonElement version) || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number) || number != FormatVersion)
        {
            throw new LockFileFormatException($"'version' must be {FormatVersion}", null);
        }

        if (!root.TryGetProperty("components", out JsonElement components))
        {
            throw new LockFileFormatException("'components' is missing", null);
        }

        Expect(components, JsonValueKind.Object, "'components'", null);
        Dictionary<string, Pin> pins = new(StringComparer.Ordinal);
        foreach (JsonProperty component in components.EnumerateObject())
        {
            pins.Add(component.Name, ParsePin(component));
        }

        return new LockFile(pins);
    }

    private static Pin ParsePin(JsonProperty component)
    {
        string name = component.Name;
        Expect(component.Value, JsonValueKind.Object, $"component '{name}'", name);
        Pin pin = new() { Name = name, Source = "" };
        foreach (JsonProperty property in component.Value.EnumerateObject())
        {
            pin = property.Name switch
            {
                "source" => pin with { Source = Text(property, name) },
                "version" => pin with { Version = Text(property, name) },
                "architecture" => pin with { Architecture = Text(property, name) },
                "file" => pin with { File = Text(property, name) },
                "size" => pin with { Size = Number(property, name) },
                "sha256" => pin with { Sha256 = Digest(property, name) },
                _ => throw new LockFileFormatException($"component '{name}' has the unknown property '{property.Name}'", name),
            };
        }

        return pin.Source.Length == 0 ? throw new LockFileFormatException($"component '{name}' has no 'source'", name) : pin;
    }

    private static string Text(JsonProperty property, string component)
    {
        Expect(property.Value, JsonValueKind.String, $"'{property.Name}' of component '{component}'", component);
        return property.Value.GetString()!;
    }

    private static long Number(JsonProperty property, string component) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt64(out long number) && number >= 0
            ? number
            : throw new LockFileFormatException($"'{property.Name}' of component '{component}' is not a size in bytes", component);

    private static string Digest(JsonProperty property, string component)
    {
        string text = Text(property, component);
        return Hashing.IsDigest(text) && !text.Any(char.IsAsciiLetterUpper)
            ? text
            : throw new LockFileFormatException(
                $"'{property.Name}' of component '{component}' is '{text}', not 64 lower-case hexadecimal digits", component);
    }

    private static void Expect(JsonElement element, JsonValueKind kind, string what, string? component)
    {
        if (element.ValueKind != kind)
        {
            throw new LockFileFormatException($"{what} is not a JSON {(kind == JsonValueKind.Object ? "object" : "string")}", component);
        }
    }

    private static string Reason(byte[] content, JsonException failure)
    {
        if (content.All(letter => letter is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            return "it is empty";
        }

        if (Encoding.UTF8.GetString(content).Split('\n').Any(line => line.StartsWith("<<<<<<< ", StringComparison.Ordinal)))
        {
            return "it has the marks of a merge with conflicts";
        }

        // The place is told apart; the reader's words end with it.
        string words = failure.Message;
        int place = words.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string reason = (place > 0 ? words[..place] : words).TrimEnd('.');

        // They quote what they do not understand, and that may be the rest of the file.
        return reason.Length > LongestReason ? "it is not JSON" : $"it is not JSON: {reason}";
    }

    private static int LineOf(byte[] content, string? component)
    {
        if (component is null)
        {
            return 0;
        }

        string text = Encoding.UTF8.GetString(content);
        // With what follows a component's name: other names and values may read the same.
        Match match = Regex.Match(text, $"\"{Regex.Escape(component)}\"\\s*:\\s*[{{\\[]");
        return match.Success ? 1 + text.AsSpan(0, match.Index).Count('\n') : 0;
    }

    private sealed class LockFileFormatException(string message, string? component) : Exception(message)
    {
        internal string? Component { get; } = component;
    }
}
