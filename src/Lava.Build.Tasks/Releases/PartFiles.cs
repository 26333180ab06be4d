using Lava.Build.Components;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Releases;

/// <summary>The files that the parts of a project give a release or an instance (templates and links).</summary>
public static class PartFiles
{
    /// <summary>What templates and links give the release.</summary>
    public static IEnumerable<GeneratedFile> For(ReleaseDescription description, IReadOnlyDictionary<string, string> templates)
    {
        foreach (TemplatePart part in description.Parts.Templates.Where(part => !InstanceParts.IsOwn(part.Destination)))
        {
            // A release is immutable, so nobody may write its files, whatever their template says.
            UnixFileMode mode = part.Mode & ~(UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
            Dictionary<string, string> values = Values(description);
            string destination = TextTemplate.Fill(part.Destination, values.GetValueOrDefault, part.Location.File ?? part.File, values.Keys);
            yield return new GeneratedFile(destination, Fill(part, description, templates), null, mode);
        }

        foreach (LinkPart part in description.Parts.Links.Where(part => !InstanceParts.IsOwn(part.Path)))
        {
            string text = InstanceParts.IsOwn(part.Target)
                ? RelativePath.Between($"code/release/{part.Path}", part.Target)
                : RelativePath.Between(part.Path, part.Target);
            yield return GeneratedFile.Link(part.Path, text);
        }
    }

    /// <summary>What templates give the instance's own directories.</summary>
    public static IReadOnlyList<ConfigurationFile> Configuration(
        ReleaseDescription description, IReadOnlyDictionary<string, string> templates) =>
    [
        .. description.Parts.Templates
            .Where(part => InstanceParts.IsOwn(part.Destination))
            .Select(part => new ConfigurationFile(part.Destination, Fill(part, description, templates), part.Mode)),
    ];

    /// <summary>The texts of all templates, by file.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadTemplatesAsync(InstanceParts parts, CancellationToken cancellation)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (string file in parts.Templates.Select(part => part.File).Distinct())
        {
            texts[file] = await File.ReadAllTextAsync(file, cancellation);
        }

        return texts;
    }

    private static string Fill(TemplatePart part, ReleaseDescription description, IReadOnlyDictionary<string, string> templates)
    {
        Dictionary<string, string> values = Values(description);
        return TextTemplate.Fill(templates[part.File], values.GetValueOrDefault, part.File, values.Keys);
    }

    private static Dictionary<string, string> Values(ReleaseDescription description)
    {
        Dictionary<string, string> values = new(description.Parts.Values, StringComparer.Ordinal);
        values.TryAdd("Instance", description.Instance);
        values.TryAdd("Revision", description.Revision);
        values.TryAdd("Configuration", description.Configuration);
        if (description.Python is { } python)
        {
            values.TryAdd("PythonVersion", python.ShortVersion);
            values.TryAdd("SitePackages", python.SitePackages);
        }

        return values;
    }
}
