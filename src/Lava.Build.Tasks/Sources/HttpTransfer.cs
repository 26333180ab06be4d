using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Lava.Build.Diagnostics;

namespace Lava.Build.Sources;

/// <summary>One try to get the content of a URL into a partial file.</summary>
internal sealed class HttpTransfer(HttpClient client, Netrc netrc, TimeSpan idleTimeout)
{
    private const int BufferSize = 1 << 16;
    private const int MostRedirects = 10;

    /// <summary>Gets what is missing of <paramref name="part"/>, or all of it where the rest cannot be had alone.</summary>
    /// <exception cref="DownloadFailure">It did not come, or not all of it; what came is kept.</exception>
    internal async Task ReceiveAsync(DownloadRequest request, Uri url, PartialFile part, CancellationToken cancellation)
    {
        using CancellationTokenSource idle = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            RangeConditionHeaderValue? condition = part.Condition();
            using HttpResponseMessage response = await SendAsync(request, url, part, condition, idle);
            long? total = await PrepareAsync(request, url, part, response, condition, cancellation);
            if (request.Size is { } size && total is { } announced && announced != size)
            {
                throw WrongSize(request, url, announced);
            }

            await CopyAsync(request, url, response, part, idle);
            if ((total ?? request.Size) is { } whole && part.Length < whole)
            {
                throw Truncated(request, url, part.Length, whole, null);
            }
        }
        catch (OperationCanceledException stall) when (!cancellation.IsCancellationRequested)
        {
            throw new DownloadFailure(
                request.Error(Strings.DownloadStalled, UrlText.Public(url), idleTimeout.TotalSeconds), transient: true, inner: stall);
        }
        catch (HttpRequestException failure)
        {
            throw HttpFailures.Of(request, url, failure);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        DownloadRequest request, Uri first, PartialFile part, RangeConditionHeaderValue? condition, CancellationTokenSource idle)
    {
        HashSet<string> visited = new(StringComparer.Ordinal);
        bool atHome = true;
        Uri url = first;
        while (true)
        {
            visited.Add(url.AbsoluteUri);
            using HttpRequestMessage message = new(HttpMethod.Get, url);
            message.Headers.AcceptEncoding.ParseAdd("identity");
            if (condition is not null)
            {
                message.Headers.Range = new RangeHeaderValue(part.Length, null);
                message.Headers.IfRange = condition;
            }

            // Once it was sent elsewhere, even back, what is asked for is another's choice and not the project's.
            atHome &= UrlText.SameOrigin(first, url);
            if (atHome && netrc.BasicFor(url.IdnHost) is { } basic)
            {
                message.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
            }

            idle.CancelAfter(idleTimeout);
            HttpResponseMessage response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, idle.Token);
            if (!IsRedirect(response.StatusCode))
            {
                return response;
            }

            using (response)
            {
                url = Follow(request, first, url, LocationOf(response), visited);
            }
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    // Not as a Uri: some texts break it.
    private static string? LocationOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Location", out HeaderStringValues values) ? values.FirstOrDefault() : null;

    private static Uri Follow(DownloadRequest request, Uri first, Uri from, string? location, HashSet<string> visited)
    {
        if (location is null || !UrlText.TryFollow(from, location, out Uri? to) || to.UserInfo.Length > 0)
        {
            string shown = location is null ? "nowhere" : UrlText.Redact(location);
            throw new DownloadFailure(request.Error(Strings.BadRedirect, UrlText.Public(first), shown));
        }

        if (from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp)
        {
            throw new DownloadFailure(request.Error(Strings.RedirectDowngrade, UrlText.Public(first), UrlText.Public(to)));
        }

        if (visited.Contains(to.AbsoluteUri))
        {
            throw new DownloadFailure(request.Error(Strings.RedirectLoop, UrlText.Public(first), UrlText.Public(to)));
        }

        return visited.Count > MostRedirects
            ? throw new DownloadFailure(request.Error(Strings.TooManyRedirects, UrlText.Public(first), MostRedirects))
            : to;
    }

    /// <summary>Makes the partial file ready for the body, and says how long it will be in the end, if the server does.</summary>
    private static async Task<long?> PrepareAsync(
        DownloadRequest request, Uri url, PartialFile part, HttpResponseMessage response, RangeConditionHeaderValue? condition, CancellationToken cancellation)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                await part.BeginAsync(response, cancellation);
                return response.Content.Headers.ContentLength;
            case HttpStatusCode.PartialContent when condition is not null:
                ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
                if (range?.Unit == "bytes" && range.From == part.Length && IsOfSameContent(request, response, condition))
                {
                    return range.Length;
                }

                part.Delete();
                throw new DownloadFailure(request.Error(Strings.WrongRange, UrlText.Public(url)), transient: true);
            case HttpStatusCode.RequestedRangeNotSatisfiable when condition is not null:
                part.Delete();
                throw new DownloadFailure(request.Error(Strings.WrongRange, UrlText.Public(url)), transient: true);
            default:
                throw HttpFailures.OfStatus(request, url, response);
        }
    }

    // Some servers pass over the condition. A part has the validator that the whole would have (RFC 9110, 15.3.7); where it has none, only a
    // digest can tell.
    private static bool IsOfSameContent(DownloadRequest request, HttpResponseMessage response, RangeConditionHeaderValue condition) =>
        (condition.EntityTag, response.Headers.ETag, condition.Date, response.Content.Headers.LastModified) switch
        {
            ({ } wanted, { } given, _, _) => wanted.Equals(given),
            (_, _, { } wanted, { } given) => wanted == given,
            _ => request.Sha256 is not null,
        };

    private async Task CopyAsync(
        DownloadRequest request, Uri url, HttpResponseMessage response, PartialFile part, CancellationTokenSource idle)
    {
        await using FileStream file = part.Append();
        await using Stream body = await response.Content.ReadAsStreamAsync(idle.Token);
        byte[] buffer = new byte[BufferSize];
        while (await ReadAsync(request, url, body, buffer, file.Position, idle) is var count and > 0)
        {
            await file.WriteAsync(buffer.AsMemory(0, count), idle.Token);
            if (file.Position > request.Size)
            {
                throw WrongSize(request, url, file.Position);
            }
        }
    }

    /// <summary>Only what goes wrong in here is the network's fault; a full disk is not.</summary>
    private async Task<int> ReadAsync(
        DownloadRequest request, Uri url, Stream body, byte[] buffer, long position, CancellationTokenSource idle)
    {
        try
        {
            idle.CancelAfter(idleTimeout);
            return await body.ReadAsync(buffer, idle.Token);
        }
        catch (IOException failure) when (failure.InnerException is not AuthenticationException)
        {
            throw Truncated(request, url, position, null, failure);
        }
    }

    private static DownloadFailure Truncated(DownloadRequest request, Uri url, long length, long? whole, Exception? inner) =>
        new(
            request.Error(Strings.DownloadTruncated, UrlText.Public(url), length, whole is null ? "" : $" of {whole}"),
            transient: true,
            inner: inner);

    private static DownloadFailure WrongSize(DownloadRequest request, Uri url, long length) =>
        new(request.Error(Strings.WrongSize, UrlText.Public(url), length, request.Authority, request.Size));
}
