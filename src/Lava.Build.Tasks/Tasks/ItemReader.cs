using System.Globalization;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Turns MSBuild items into what the rest of the code knows; problems are collected, not thrown.</summary>
internal sealed class ItemReader(string projectFile, Func<string, string> absolute, List<Problem> problems)
{
    private const int LongestTimeout = 86_400;
    private readonly ItemLocations _locations = new(projectFile);
    private readonly Dictionary<(ITaskItem Item, string Name), string> _meant = [];

    internal ComponentReference Component(ITaskItem item)
    {
        Dictionary<string, string> metadata = Metadata(item);
        metadata.Remove("Source", out string? source);
        metadata.Remove("Version", out string? version);
        metadata.Remove("Sha256", out string? sha256);
        return new ComponentReference
        {
            Name = item.ItemSpec,
            Source = source ?? "",
            Version = version ?? "",
            Sha256 = sha256?.ToLowerInvariant(),
            Metadata = metadata,
            Location = _locations.Of("LavaComponent", item),
        };
    }

    internal DirectoryPart Directory(ITaskItem item)
    {
        SourceLocation location = Check("LavaDirectory", item, "Mode");
        return new DirectoryPart(item.ItemSpec.TrimEnd('/'), Mode("LavaDirectory", item, "0755", location), location);
    }

    internal TemplatePart Template(ITaskItem item)
    {
        SourceLocation location = Check("LavaTemplate", item, "Destination", "Mode");
        string destination = Text(item, "Destination") is { Length: > 0 } given ? given : "etc/";
        string name = $"{item.GetMetadata("Filename")}{item.GetMetadata("Extension")}";
        return new TemplatePart(
            absolute(item.ItemSpec),
            destination.EndsWith('/') ? destination + name : destination,
            Mode("LavaTemplate", item, "0644", location),
            location);
    }

    internal LinkPart Link(ITaskItem item)
    {
        // Not "Target", a name that MSBuild keeps for itself.
        SourceLocation location = Check("LavaLink", item, "To");
        return new LinkPart(item.ItemSpec.TrimEnd('/'), Text(item, "To").TrimEnd('/'), location);
    }

    internal LauncherPart Launcher(ITaskItem item)
    {
        SourceLocation location = Check("LavaLauncher", item, "Command", "EntryPoint", "Environment", "Initialization");
        return new LauncherPart(
            item.ItemSpec,
            Text(item, "Command"),
            Text(item, "EntryPoint"),
            Environment(item),
            Text(item, "Initialization"),
            location);
    }

    internal CommandPart Command(ITaskItem item)
    {
        SourceLocation location = Check("LavaCommand", item, "Command", "Environment", "Timeout");
        int seconds = Number("LavaCommand", item, "Timeout", 600, LongestTimeout, location);
        return new CommandPart(item.ItemSpec, Text(item, "Command"), Environment(item), TimeSpan.FromSeconds(seconds), location);
    }

    internal SecretPart Secret(ITaskItem item)
    {
        SourceLocation location = Check("LavaSecret", item, "Length");
        return new SecretPart(item.ItemSpec, Number("LavaSecret", item, "Length", 50, 4096, location), location);
    }

    internal Dictionary<string, string> Values(ITaskItem[] items)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (ITaskItem item in items)
        {
            Check("LavaValue", item, "Value");
            values[item.ItemSpec] = Text(item, "Value");
        }

        return values;
    }

    private static Dictionary<string, string> Metadata(ITaskItem item)
    {
        Dictionary<string, string> metadata = new(StringComparer.OrdinalIgnoreCase);
        foreach (System.Collections.DictionaryEntry entry in item.CloneCustomMetadata())
        {
            string value = ((string)entry.Value!).Trim();
            if (value.Length > 0)
            {
                metadata[(string)entry.Key] = value;
            }
        }

        return metadata;
    }

    private string Text(ITaskItem item, string name) =>
        item.GetMetadata(name) is { Length: > 0 } text ? text : _meant.GetValueOrDefault((item, name), "");

    // NAME=value pairs, as Exec's EnvironmentVariables; an entry without '=' becomes a name that the checks refuse.
    private Dictionary<string, string> Environment(ITaskItem item)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (string pair in MetadataList.Split(Text(item, "Environment")))
        {
            int separator = pair.IndexOf('=', StringComparison.Ordinal);
            environment[separator > 0 ? pair[..separator] : pair + "="] = pair[(separator + 1)..];
        }

        return environment;
    }

    private SourceLocation Check(string itemType, ITaskItem item, params string[] known)
    {
        SourceLocation location = _locations.Of(itemType, item);
        foreach ((string name, string value) in Metadata(item).Where(pair => !known.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)))
        {
            // What follows from a misspelled name is no problem of its own.
            if (NearestName.Among(known, name) is { } meant)
            {
                _meant.TryAdd((item, meant), value);
            }

            problems.Add(Problem.Error(
                Strings.UnknownPartMetadata, location, itemType, item.ItemSpec, name, NearestName.Advice(known, name)));
        }

        return location;
    }

    private UnixFileMode Mode(string itemType, ITaskItem item, string byDefault, SourceLocation location)
    {
        string text = Text(item, "Mode") is { Length: > 0 } mode ? mode : byDefault;
        if (text.Length is 3 or 4 && text.All(digit => digit is >= '0' and <= '7'))
        {
            return (UnixFileMode)Convert.ToInt32(text, 8);
        }

        problems.Add(Problem.Error(Strings.BadMode, location, itemType, item.ItemSpec, text));
        return default;
    }

    private int Number(string itemType, ITaskItem item, string name, int byDefault, int greatest, SourceLocation location)
    {
        string text = Text(item, name);
        if (text.Length == 0)
        {
            return byDefault;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= greatest)
        {
            return number;
        }

        problems.Add(Problem.Error(Strings.BadNumber, location, itemType, item.ItemSpec, name, text, 1, greatest));
        return byDefault;
    }
}
