using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>What can be wrong with the metadata of an archive component.</summary>
internal static class ArchiveCheck
{
    /// <summary>All of it, at once.</summary>
    internal static IEnumerable<Problem> Of(ComponentReference reference) =>
        [.. OfPlace(reference), .. OfFormat(reference), .. PathProblems.OfPrefix(reference, ArchiveOrigin.PrefixMetadata)];

    private static IEnumerable<Problem> OfPlace(ComponentReference reference)
    {
        string url = reference[ArchiveOrigin.UrlMetadata];
        string path = reference[ArchiveOrigin.PathMetadata];
        string[] mirrors = MetadataList.Split(reference[ArchiveOrigin.MirrorsMetadata]);
        if (url.Length == 0 == (path.Length == 0))
        {
            yield return Problem.Error(Strings.UrlOrPath, reference.Location, reference.Name);
        }

        if (url.Length == 0 && mirrors.Length > 0)
        {
            yield return Problem.Error(Strings.MirrorsWithoutUrl, reference.Location, reference.Name);
        }

        foreach (string mirror in mirrors)
        {
            foreach (Problem problem in OfUrl(reference, ArchiveOrigin.MirrorsMetadata, mirror))
            {
                yield return problem;
            }
        }

        if (url.Length > 0)
        {
            foreach (Problem problem in OfUrl(reference, ArchiveOrigin.UrlMetadata, url))
            {
                yield return problem;
            }
        }

        if (SourcePaths.HasControls(path))
        {
            yield return PathProblems.Controls(reference, ArchiveOrigin.PathMetadata);
        }
        else if (path.Length > 0 && !SourcePaths.IsInside(path))
        {
            yield return Problem.Error(
                Strings.PathLeavesProject, reference.Location, ArchiveOrigin.PathMetadata, path, reference.Name, "the project");
        }
    }

    private static IEnumerable<Problem> OfUrl(ComponentReference reference, string metadata, string text)
    {
        if (!UrlText.TryParse(text, out Uri? url))
        {
            yield return Problem.Error(Strings.BadUrl, reference.Location, reference.Name, metadata, UrlText.Redact(text));
        }
        else if (url.UserInfo.Length > 0)
        {
            yield return Problem.Error(Strings.CredentialsInUrl, reference.Location, reference.Name, metadata, UrlText.Public(url));
        }
    }

    private static IEnumerable<Problem> OfFormat(ComponentReference reference)
    {
        string format = reference[ArchiveOrigin.FormatMetadata];
        string name = ArchiveOrigin.FileNameOf(reference);
        if (format.Length > 0 && ArchiveFormats.FromName(format) is null)
        {
            yield return Problem.Error(Strings.BadFormat, reference.Location, reference.Name, format, ArchiveFormats.Known);
        }
        else if (format.Length == 0 && HasPlace(reference) && ArchiveFormats.FromFileName(name) is null)
        {
            yield return Problem.Error(Strings.UnknownFormat, reference.Location, reference.Name, name, ArchiveFormats.Known);
        }

        if (ArchiveOrigin.StripOf(reference) is null)
        {
            yield return Problem.Error(
                Strings.BadNumber, reference.Location, "LavaComponent", reference.Name, ArchiveOrigin.StripMetadata, reference[ArchiveOrigin.StripMetadata], 0, 99);
        }
    }

    /// <summary>Whether there is a name to judge; where there is none, that has been told already.</summary>
    private static bool HasPlace(ComponentReference reference) =>
        reference[ArchiveOrigin.UrlMetadata] is { Length: > 0 } url
            ? UrlText.TryParse(url, out _)
            : reference[ArchiveOrigin.PathMetadata].Length > 0;
}
