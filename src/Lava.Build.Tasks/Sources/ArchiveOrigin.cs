using System.Globalization;
using Lava.Build.Components;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>What the metadata of an archive component says, once checked.</summary>
/// <param name="Urls">Where it can be had, in order; empty if it is a file of the project.</param>
/// <param name="Path">The absolute path of the file, or null.</param>
/// <param name="FileName">The archive's name.</param>
internal sealed record ArchiveOrigin(IReadOnlyList<Uri> Urls, string? Path, string FileName)
{
    internal const string UrlMetadata = "Url";
    internal const string PathMetadata = "Path";
    internal const string PrefixMetadata = "Prefix";
    internal const string StripMetadata = "StripComponents";
    internal const string MirrorsMetadata = "Mirrors";
    internal const string FormatMetadata = "Format";

    /// <summary>Reads a reference that was checked.</summary>
    internal static ArchiveOrigin Of(ComponentReference reference, string projectDirectory)
    {
        string url = reference[UrlMetadata];
        if (url.Length == 0)
        {
            string path = System.IO.Path.GetFullPath(reference[PathMetadata], projectDirectory);
            return new ArchiveOrigin([], path, System.IO.Path.GetFileName(path));
        }

        Uri[] urls = [.. ((string[])[url, .. MetadataList.Split(reference[MirrorsMetadata])]).Select(text => new Uri(text))];
        return new ArchiveOrigin(urls, null, FileNameOf(reference) is { Length: > 0 } name ? name : reference.Name);
    }

    /// <summary>The last name of the Url or Path; empty if it has none.</summary>
    internal static string FileNameOf(ComponentReference reference)
    {
        string path = reference[PathMetadata];
        if (UrlText.TryParse(reference[UrlMetadata], out Uri? url))
        {
            path = Uri.UnescapeDataString(url.AbsolutePath);
        }

        return path[(path.LastIndexOf('/') + 1)..];
    }

    /// <summary>How the archive is read: as Format says, or the end of its name; null if neither is known.</summary>
    internal static ArchiveFormat? FormatOf(ComponentReference reference) =>
        reference[FormatMetadata] is { Length: > 0 } format
            ? ArchiveFormats.FromName(format)
            : ArchiveFormats.FromFileName(FileNameOf(reference));

    /// <summary>How many leading directories are dropped; null if the metadata is no number from 0 to 99.</summary>
    internal static int? StripOf(ComponentReference reference)
    {
        string text = reference[StripMetadata];
        return text.Length == 0 ? 0
            : text.Length <= 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count
            : null;
    }
}
