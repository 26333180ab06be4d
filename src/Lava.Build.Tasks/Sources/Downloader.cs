using System.Buffers;
using System.Net;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>
/// Gets archives by http, https and file URLs into the cache: resumed where they broke off, tried again where that may help, from
/// mirrors where not; each by one build at a time.
/// </summary>
internal sealed class Downloader : IDisposable
{
    private const int CopyBufferSize = 1 << 17;
    private readonly SourceContext _context;

    // Made for the first address: files of the project need none of it.
    private readonly Lazy<HttpClient> _client;
    private readonly Lazy<HttpTransfer> _transfer;

    /// <summary>Takes proxies and credentials from the host of <paramref name="context"/>.</summary>
    internal Downloader(SourceContext context)
    {
        _context = context;
        _client = new(() => MakeClient(context));
        _transfer = new(() => new HttpTransfer(_client.Value, Netrc.OfUser(context.Host), context.IdleTimeout));
    }

    /// <summary>Makes sure that the archive is in the cache.</summary>
    /// <exception cref="LavaException">
    /// Nobody gave it: one problem for each address that gave other content (LAVA2001), and one for all that gave none.
    /// </exception>
    internal async Task<ObtainedArchive> ObtainAsync(DownloadRequest request, CancellationToken cancellation)
    {
        if (request.Path is not null)
        {
            return await TryAsync(() => CopyAsync(request, request.Path, request.Path, cancellation));
        }

        List<Problem> problems = [];
        foreach (Uri url in request.Urls)
        {
            using FileLock held = await _context.Archives.LockAsync(url.AbsoluteUri, cancellation);
            if (request.Sha256 is not null && _context.Archives.Contains(request.Sha256, request.Size))
            {
                return Cached(request.Sha256);
            }

            try
            {
                return await FromAsync(request, url, cancellation);
            }
            catch (DownloadFailure failure)
            {
                _context.Log.Detail(failure.Problem.Text);
                problems.Add(failure.Problem);
            }
        }

        throw new LavaException(Together(request, problems));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static HttpClient MakeClient(SourceContext context)
    {
        SocketsHttpHandler handler = new()
        {
            // Redirects are followed by hand, so that each is judged and no credential goes along.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = context.IdleTimeout,
            Proxy = new ProxySettings(context.Host),
            UseCookies = false,
        };
        HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Lava.Build");
        return client;
    }

    private static async Task<ObtainedArchive> TryAsync(Func<Task<ObtainedArchive>> work)
    {
        try
        {
            return await work();
        }
        catch (DownloadFailure failure)
        {
            throw failure.Problem.ToException(failure);
        }
    }

    /// <summary>Content that differs is told of by itself; all else in one message.</summary>
    private static List<Problem> Together(DownloadRequest request, List<Problem> problems)
    {
        List<Problem> told = [.. problems.Where(problem => IsWrongContent(problem.Code))];
        Problem[] others = [.. problems.Where(problem => !IsWrongContent(problem.Code))];
        if (others.Length == 1)
        {
            told.Add(others[0]);
        }
        else if (others.Length > 1)
        {
            told.Add(request.Error(
                Strings.NoAddressWorked, others.Length, string.Join(" ", others.Select((other, index) => $"({index + 1}) {other.Code}: {other.Text}"))));
        }

        return told;
    }

    private static bool IsWrongContent(string code) =>
        Strings.HashMismatch.StartsWith(code, StringComparison.Ordinal) || Strings.WrongSize.StartsWith(code, StringComparison.Ordinal);

    private async Task<ObtainedArchive> FromAsync(DownloadRequest request, Uri url, CancellationToken cancellation)
    {
        if (url.IsFile)
        {
            return await CopyAsync(request, url.LocalPath, UrlText.Public(url), cancellation);
        }

        if (_context.Offline)
        {
            throw new DownloadFailure(request.Error(Strings.OfflineFetch, UrlText.Public(url)));
        }

        _context.Log.Detail($"Fetching {UrlText.Public(url)}");
        PartialFile part = new(_context.Archives.ResumablePath(url.AbsoluteUri));
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_context.TransferTimeout);
        try
        {
            return await ReceiveAndAddAsync(request, url, part, limit.Token);
        }
        catch (OperationCanceledException stop) when (!cancellation.IsCancellationRequested)
        {
            throw new DownloadFailure(
                request.Error(Strings.DownloadTooLong, UrlText.Public(url), _context.TransferTimeout.TotalSeconds), inner: stop);
        }
    }

    private async Task<ObtainedArchive> ReceiveAndAddAsync(
        DownloadRequest request, Uri url, PartialFile part, CancellationToken cancellation)
    {
        bool pieced = part.Length > 0;
        try
        {
            pieced |= await ReceiveAsync(request, url, part, cancellation);
            return Add(request, part, UrlText.Public(url), cancellation);
        }
        catch (DownloadFailure failure) when (pieced && IsWrongContent(failure.Problem.Code))
        {
            // The server may have put the rest of one content to the start of another.
            part.Delete();
            await ReceiveAsync(request, url, part, cancellation);
            return Add(request, part, UrlText.Public(url), cancellation);
        }
    }

    /// <summary>Tries until all is there, or trying is useless. As long as each try brings more, there is no limit but time.</summary>
    /// <returns>Whether it took more than one try.</returns>
    private async Task<bool> ReceiveAsync(DownloadRequest request, Uri url, PartialFile part, CancellationToken cancellation)
    {
        int tried = 0;
        bool again = false;
        long most = part.Length;
        while (true)
        {
            try
            {
                await _transfer.Value.ReceiveAsync(request, url, part, cancellation);
                return again;
            }
            catch (DownloadFailure failure) when (failure.Transient)
            {
                if (part.Length > most)
                {
                    most = part.Length;
                    tried = 0;
                }

                if (tried >= _context.Retries)
                {
                    throw;
                }

                TimeSpan wait = RetryDelay.Of(_context.RetryDelay, tried, failure.RetryAfter, Random.Shared.NextDouble());
                _context.Log.Detail($"{failure.Problem.Text} Trying again in {wait.TotalSeconds:0.0} s.");
                await Task.Delay(wait, cancellation);
                tried++;
                again = true;
            }
            catch (DownloadFailure)
            {
                part.Delete();
                throw;
            }
        }
    }

    private ObtainedArchive Add(DownloadRequest request, PartialFile part, string from, CancellationToken cancellation)
    {
        try
        {
            return Add(request, part.Path, from, cancellation);
        }
        finally
        {
            if (!cancellation.IsCancellationRequested)
            {
                part.Delete();
            }
        }
    }

    private ObtainedArchive Add(DownloadRequest request, string incoming, string from, CancellationToken cancellation)
    {
        string actual = _context.Archives.Add(incoming, request.Sha256, cancellation);
        return request.Sha256 is null || request.Sha256 == actual
            ? Cached(actual)
            : throw new DownloadFailure(request.Error(Strings.HashMismatch, from, actual, request.Authority, request.Sha256));
    }

    private async Task<ObtainedArchive> CopyAsync(DownloadRequest request, string path, string from, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            throw new DownloadFailure(request.Error(Strings.ArchiveFileMissing, path));
        }

        string key = "copy of " + path;
        using FileLock held = await _context.Archives.LockAsync(key, cancellation);
        string incoming = _context.Archives.FreshPath(key);
        try
        {
            // What a killed build left.
            File.Delete(incoming);
            Copy(path, incoming, cancellation);

            return Add(request, incoming, from, cancellation);
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    private static void Copy(string path, string copy, CancellationToken cancellation)
    {
        using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        using FileStream target = new PartialFile(copy).Append();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBufferSize);
        int count;
        while ((count = source.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            target.Write(buffer, 0, count);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private ObtainedArchive Cached(string sha256) => new(sha256, new FileInfo(_context.Archives.PathOf(sha256)).Length);
}
