using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lava.Build.Components;

namespace Lava.Build.Releases;

/// <summary>What a release says of itself, for programs (<c>release.json</c>) and for people (<c>manifest.txt</c>).</summary>
public static class ReleaseRecord
{
    /// <summary>The record for programs; written last, so that it exists exactly if the release is whole.</summary>
    public const string FileName = "release.json";

    /// <summary>The record for people.</summary>
    public const string ManifestName = "manifest.txt";

    /// <summary>The version of the record's format.</summary>
    public const int FormatVersion = 2;

    /// <summary>The text of <c>release.json</c>. It names no time and no place of this machine, so it is the same everywhere.</summary>
    /// <param name="description">What the release is.</param>
    /// <param name="contents">What is in it.</param>
    /// <param name="inventory">Every file and link in it.</param>
    public static string ToJson(ReleaseDescription description, ReleaseContents contents, ReleaseInventory inventory)
    {
        using MemoryStream stream = new();
        JsonWriterOptions options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter writer = new(stream, options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", FormatVersion);
            writer.WriteString("name", contents.Name);
            writer.WriteString("digest", contents.Digest);
            writer.WriteString("instance", description.Instance);
            writer.WriteString("revision", description.Revision);
            writer.WriteString("configuration", description.Configuration);
            if (contents.UsesPython)
            {
                writer.WriteString("python", description.Python!.ShortVersion);
            }

            writer.WriteStartArray("components");
            foreach (ReleaseComponent component in Sorted(description))
            {
                Write(writer, component);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("commands");
            foreach (CommandPart command in description.Parts.Commands)
            {
                writer.WriteStringValue(command.Name);
            }

            writer.WriteEndArray();
            inventory.Write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>The text of <c>manifest.txt</c>: <c>name == version</c>, sorted by name.</summary>
    public static string ToManifest(ReleaseDescription description)
    {
        StringBuilder text = new();
        foreach (ReleaseComponent component in Sorted(description))
        {
            string version = component.LocalDirectory is null ? component.Pinned.Pin.Version : "local";
            text.Append(component.Name).Append(" == ").Append(version).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<ReleaseComponent> Sorted(ReleaseDescription description) =>
        description.Components.OrderBy(component => component.Name, StringComparer.Ordinal);

    private static void Write(Utf8JsonWriter writer, ReleaseComponent component)
    {
        writer.WriteStartObject();
        writer.WriteString("name", component.Name);
        writer.WriteString("source", component.Pinned.Pin.Source);
        if (component.LocalDirectory is not null)
        {
            writer.WriteBoolean("local", true);
            writer.WriteString("path", component.LocalText);
        }

        if (component.TreeDigest is not null)
        {
            writer.WriteString("version", component.Pinned.Pin.Version);
            writer.WriteString("sha256", component.Pinned.Pin.Sha256);
            writer.WriteString("tree", component.StoreName);
        }

        writer.WriteEndObject();
    }
}
