using System.Globalization;
using System.Text.Json;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Reads the metadata of items; what is unknown or malformed is collected, not thrown.</summary>
internal sealed class MetadataReader(string projectFile, List<Problem> problems)
{
    private readonly ItemLocations _locations = new(projectFile);
    private readonly Dictionary<(ITaskItem Item, string Name), string> _meant = [];

    internal SourceLocation Location(string itemType, ITaskItem item) => _locations.Of(itemType, item);

    internal static Dictionary<string, string> All(ITaskItem item)
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

    internal string Text(ITaskItem item, string name) =>
        item.GetMetadata(name) is { Length: > 0 } text ? text : _meant.GetValueOrDefault((item, name), "");

    // NAME=value pairs, as Exec's EnvironmentVariables; an entry without '=' becomes a name that the checks refuse.
    internal Dictionary<string, string> Pairs(ITaskItem item, string name)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach (string pair in MetadataList.Split(Text(item, name)))
        {
            int separator = pair.IndexOf('=', StringComparison.Ordinal);
            pairs[separator > 0 ? pair[..separator] : pair + "="] = pair[(separator + 1)..];
        }

        return pairs;
    }

    internal SourceLocation Check(string itemType, ITaskItem item, params string[] known)
    {
        SourceLocation location = _locations.Of(itemType, item);
        foreach ((string name, string value) in All(item).Where(pair => !known.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)))
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

    internal UnixFileMode Mode(string itemType, ITaskItem item, string byDefault, SourceLocation location)
    {
        string text = Text(item, "Mode") is { Length: > 0 } mode ? mode : byDefault;
        if (text.Length is 3 or 4 && text.All(digit => digit is >= '0' and <= '7'))
        {
            return (UnixFileMode)Convert.ToInt32(text, 8);
        }

        problems.Add(Problem.Error(Strings.BadMode, location, itemType, item.ItemSpec, text));
        return default;
    }

    internal int Number(string itemType, ITaskItem item, string name, int byDefault, int greatest, SourceLocation location)
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

    /// <summary>The entries of a list; a semicolon written as %3B is part of an entry.</summary>
    internal IReadOnlyList<string> List(ITaskItem item, string name)
    {
        string escaped = (item as ITaskItem2)?.GetMetadataValueEscaped(name) is { Length: > 0 } text ? text : Text(item, name);
        return [.. MetadataList.Split(escaped).Select(Uri.UnescapeDataString)];
    }

    /// <summary>One of the names of <typeparamref name="T"/>, written in lower case with hyphens.</summary>
    internal T Choice<T>(string itemType, ITaskItem item, string name, T byDefault, SourceLocation location)
        where T : struct, Enum
    {
        string text = Text(item, name);
        if (text.Length == 0)
        {
            return byDefault;
        }

        string[] names = [.. Enum.GetNames<T>().Select(known => JsonNamingPolicy.KebabCaseLower.ConvertName(known))];
        int index = Array.FindIndex(names, known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            return Enum.GetValues<T>()[index];
        }

        problems.Add(Problem.Error(Strings.BadChoice, location, itemType, item.ItemSpec, name, text, string.Join(", ", names)));
        return byDefault;
    }
}
