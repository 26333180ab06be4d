using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Turns MSBuild items into what the rest of the code knows; problems are collected, not thrown.</summary>
internal sealed class ItemReader(MetadataReader metadata, Func<string, string> absolute)
{
    private const int LongestTimeout = 86_400;

    internal ComponentReference Component(ITaskItem item)
    {
        Dictionary<string, string> given = MetadataReader.All(item);
        given.Remove("Source", out string? source);
        given.Remove("Version", out string? version);
        given.Remove("Sha256", out string? sha256);
        return new ComponentReference
        {
            Name = item.ItemSpec,
            Source = source ?? "",
            Version = version ?? "",
            Sha256 = sha256?.ToLowerInvariant(),
            Metadata = given,
            Location = metadata.Location("LavaComponent", item),
        };
    }

    internal DirectoryPart Directory(ITaskItem item)
    {
        SourceLocation location = metadata.Check("LavaDirectory", item, "Mode");
        return new DirectoryPart(item.ItemSpec.TrimEnd('/'), metadata.Mode("LavaDirectory", item, "0755", location), location);
    }

    internal TemplatePart Template(ITaskItem item)
    {
        SourceLocation location = metadata.Check("LavaTemplate", item, "Destination", "Mode");
        string destination = metadata.Text(item, "Destination") is { Length: > 0 } given ? given : "etc/";
        string name = $"{item.GetMetadata("Filename")}{item.GetMetadata("Extension")}";
        return new TemplatePart(
            absolute(item.ItemSpec),
            destination.EndsWith('/') ? destination + name : destination,
            metadata.Mode("LavaTemplate", item, "0644", location),
            location);
    }

    internal LinkPart Link(ITaskItem item)
    {
        // Not "Target", a name that MSBuild keeps for itself.
        SourceLocation location = metadata.Check("LavaLink", item, "To");
        return new LinkPart(item.ItemSpec.TrimEnd('/'), metadata.Text(item, "To").TrimEnd('/'), location);
    }

    internal LauncherPart Launcher(ITaskItem item)
    {
        SourceLocation location = metadata.Check("LavaLauncher", item, "Command", "EntryPoint", "Environment", "Initialization");
        return new LauncherPart(
            item.ItemSpec,
            metadata.Text(item, "Command"),
            metadata.Text(item, "EntryPoint"),
            metadata.Pairs(item, "Environment"),
            metadata.Text(item, "Initialization"),
            location);
    }

    internal CommandPart Command(ITaskItem item)
    {
        SourceLocation location = metadata.Check("LavaCommand", item, "Command", "Environment", "Timeout");
        int seconds = metadata.Number("LavaCommand", item, "Timeout", 600, LongestTimeout, location);
        return new CommandPart(item.ItemSpec, metadata.Text(item, "Command"), metadata.Pairs(item, "Environment"), TimeSpan.FromSeconds(seconds), location);
    }

    internal SecretPart Secret(ITaskItem item)
    {
        SourceLocation location = metadata.Check("LavaSecret", item, "Length");
        return new SecretPart(item.ItemSpec, metadata.Number("LavaSecret", item, "Length", 50, 4096, location), location);
    }

    internal Dictionary<string, string> Values(ITaskItem[] items)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (ITaskItem item in items)
        {
            metadata.Check("LavaValue", item, "Value");
            values[item.ItemSpec] = metadata.Text(item, "Value");
        }

        return values;
    }
}
