using System.Collections.Concurrent;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>tar and ZIP archives: files of the project, or anything with a URL.</summary>
public sealed class ArchiveSource : ISource
{
    private const int Parallelism = 4;

    /// <inheritdoc/>
    public string Name => "archive";

    /// <inheritdoc/>
    public IReadOnlyList<string> Metadata { get; } =
    [
        ComponentChecks.Sha256Metadata,
        ComponentChecks.ExcludesMetadata,
        ArchiveOrigin.UrlMetadata,
        ArchiveOrigin.PathMetadata,
        ArchiveOrigin.PrefixMetadata,
        ArchiveOrigin.StripMetadata,
        ArchiveOrigin.MirrorsMetadata,
        ArchiveOrigin.FormatMetadata,
    ];

    /// <inheritdoc/>
    public bool NeedsVersion => true;

    /// <inheritdoc/>
    public IEnumerable<Problem> Check(ComponentReference reference, string projectDirectory) => ArchiveCheck.Of(reference);

    /// <summary>
    /// A component with a <c>Sha256</c> is pinned to it without asking anybody, and its size is left open, so that a lock file does
    /// not depend on what is cached. Any other is fetched and pinned to what came.
    /// </summary>
    /// <inheritdoc/>
    public async Task<IReadOnlyList<Pin>> ResolveAsync(
        IReadOnlyList<ComponentReference> references, SourceContext context, CancellationToken cancellation)
    {
        Pin[] pins = new Pin[references.Count];
        await ForEachAsync(
            references,
            context,
            async (index, downloader, token) =>
            {
                ComponentReference reference = references[index];
                ArchiveOrigin origin = ArchiveOrigin.Of(reference, context.ProjectDirectory);
                ObtainedArchive? obtained = reference.Sha256 is null
                    ? await downloader.ObtainAsync(RequestOf(reference, origin, null, null), token)
                    : null;
                if (obtained is not null)
                {
                    await CheckStartAsync(reference, origin, context.Archives.PathOf(obtained.Sha256), token);
                }

                pins[index] = new Pin
                {
                    Name = reference.Name,
                    Source = Name,
                    Version = reference.Version,
                    File = origin.FileName,
                    Size = obtained?.Size,
                    Sha256 = reference.Sha256 ?? obtained!.Sha256,
                };
            },
            cancellation);
        return pins;
    }

    // A server that answers with a page of its own must not get it pinned.
    private static async Task CheckStartAsync(
        ComponentReference reference, ArchiveOrigin origin, string archive, CancellationToken cancellation)
    {
        byte[] head = new byte[8];
        await using FileStream stream = File.OpenRead(archive);
        int length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation);
        ArchiveFormat format = ArchiveOrigin.FormatOf(reference)!.Value;
        if (!ArchiveFormats.CanBe(head.AsSpan(0, length), format))
        {
            string from = origin.Path ?? UrlText.Public(origin.Urls[0]);
            throw Problem.Error(
                Strings.NotAnArchive, reference.Location, reference.Name, from, format, Convert.ToHexStringLower(head, 0, length)).ToException();
        }
    }

    /// <inheritdoc/>
    public Task FetchAsync(IReadOnlyList<PinnedComponent> components, SourceContext context, CancellationToken cancellation) =>
        ForEachAsync(
            components,
            context,
            async (index, downloader, token) =>
            {
                (ComponentReference reference, Pin pin) = components[index];
                ArchiveOrigin origin = ArchiveOrigin.Of(reference, context.ProjectDirectory);
                await downloader.ObtainAsync(RequestOf(reference, origin, pin.Sha256, pin.Size), token);
            },
            cancellation);

    /// <inheritdoc/>
    public TreeRecipe? Recipe(PinnedComponent component) => new(
        ArchiveOrigin.FormatOf(component.Reference)!.Value,
        SourcePaths.Normalize(component.Reference[ArchiveOrigin.PrefixMetadata]),
        ArchiveOrigin.StripOf(component.Reference)!.Value);

    private static DownloadRequest RequestOf(ComponentReference reference, ArchiveOrigin origin, string? sha256, long? size) =>
        new(reference.Name, reference.Location, origin.Urls)
        {
            Path = origin.Path,
            Sha256 = sha256,
            Size = size,
            Authority = reference.Sha256 is null ? "the lock file" : "the project",
        };

    /// <summary>Works on a few at once; one that fails does not keep the others from being had.</summary>
    private static async Task ForEachAsync<T>(
        IReadOnlyList<T> items, SourceContext context, Func<int, Downloader, CancellationToken, Task> work, CancellationToken cancellation)
    {
        ConcurrentDictionary<int, LavaException> failures = new();
        using Downloader downloader = new(context);
        ParallelOptions options = new() { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, items.Count),
            options,
            async (index, token) =>
            {
                try
                {
                    await work(index, downloader, token);
                }
                catch (LavaException failure)
                {
                    failures[index] = failure;
                }
            });
        if (!failures.IsEmpty)
        {
            throw new LavaException([.. failures.OrderBy(failure => failure.Key).SelectMany(failure => failure.Value.Problems)]);
        }
    }
}
