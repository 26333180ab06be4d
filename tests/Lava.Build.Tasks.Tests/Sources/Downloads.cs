using Lava.Build.Diagnostics;
using Lava.Build.Sources;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

/// <summary>What tests of downloads ask for, and how.</summary>
internal static class Downloads
{
    internal static readonly byte[] Body = Content(300_000);
    internal const string Tag = "ETag: \"one\"";

    internal static DownloadRequest Request(params string[] urls) =>
        new("thing", SourceLocation.None, [.. urls.Select(url => new Uri(url))]);

    internal static DownloadRequest Pinned(byte[] body, params string[] urls) => Request(urls) with { Sha256 = Digest(body), Size = body.Length };

    internal static async Task<ObtainedArchive> ObtainAsync(SourceBench bench, DownloadRequest request)
    {
        using Downloader downloader = new(bench.Context);
        return await downloader.ObtainAsync(request, CancellationToken.None);
    }

    /// <summary>Cuts the first answer off at half its length.</summary>
    internal static Func<LoopbackExchange, Task> CutOnce(Func<LoopbackExchange, Task> then, params string[] headers) => async exchange =>
    {
        if (exchange.Index > 0)
        {
            await then(exchange);
            return;
        }

        await exchange.HeadAsync("200 OK", [$"Content-Length: {Body.Length}", .. headers]);
        await exchange.SendAsync(Body.AsMemory(0, Body.Length / 2));
    };
}
