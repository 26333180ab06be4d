using Lava.Build.Diagnostics;

namespace Lava.Build.Sources;

/// <summary>A package to find.</summary>
/// <param name="Name">The package, which is the component's name.</param>
/// <param name="Version">The exact version.</param>
/// <param name="Sha256">The digest it should have, or null; an offer of another is only believed once the lists are fresh.</param>
/// <param name="Location">Where it was asked for.</param>
internal sealed record AptRequest(string Name, string Version, string? Sha256, SourceLocation Location)
{
    /// <summary>As apt's tools take it.</summary>
    internal string Specification => $"{Name}={Version}";
}

/// <summary>What became of a request: an offer or a problem.</summary>
internal sealed record AptAnswer(AptRequest Request, AptOffer? Offer, Problem? Problem);

/// <summary>Finds packages in apt's lists, and renews the lists where that may help.</summary>
internal sealed class AptLookup(Apt apt, SourceContext context)
{
    private const int NamedComponents = 3;
    private AptFailure? _updateFailure;
    private bool _renewed;

    /// <summary>Answers each request, in order.</summary>
    /// <param name="requests">Packages of different names.</param>
    /// <param name="refresh">Whether the lists are renewed first even if they would do.</param>
    /// <param name="cancellation">Ends apt's tools.</param>
    internal async Task<IReadOnlyList<AptAnswer>> FindAsync(
        IReadOnlyList<AptRequest> requests, bool refresh, CancellationToken cancellation)
    {
        if (context.Offline && !apt.HasLists)
        {
            return [.. requests.Select(request => Fail(request, Strings.OfflineWithoutLists, request.Name))];
        }

        if (!context.Offline && (refresh || !apt.HasLists))
        {
            await RenewAsync(cancellation);
            if (refresh && _updateFailure is not null)
            {
                return [.. requests.Select(request => NotRenewed(request, requests))];
            }
        }

        Dictionary<string, AptOffer> offers = await OffersAsync(requests, cancellation);
        AptRequest[] doubtful = [.. requests.Where(request => !IsAnswered(request, offers))];
        if (doubtful.Length > 0 && !context.Offline && !_renewed)
        {
            await RenewAsync(cancellation);
            foreach ((string name, AptOffer offer) in await OffersAsync(doubtful, cancellation))
            {
                offers[name] = offer;
            }
        }

        return await AnswersAsync(requests, offers, cancellation);
    }

    private static bool IsAnswered(AptRequest request, Dictionary<string, AptOffer> offers) =>
        offers.TryGetValue(request.Name, out AptOffer? offer) && (request.Sha256 ?? offer.Sha256) == offer.Sha256;

    // One cause, so one problem, the same for all that it meets.
    private AptAnswer NotRenewed(AptRequest request, IReadOnlyList<AptRequest> all)
    {
        string named = string.Join(", ", all.Take(NamedComponents).Select(other => $"'{other.Name}'"));
        string subject = all.Count == 1 ? $"Component {named}"
            : all.Count <= NamedComponents ? $"Components {named}"
            : $"Components {named} and {all.Count - NamedComponents} more";
        Problem problem = _updateFailure!.Refusal ?? Problem.Error(Strings.AptUpdateFailed, all[0].Location, subject, _updateFailure.Words);
        return new AptAnswer(request, null, problem);
    }

    private static AptAnswer Fail(AptRequest request, string resource, params object?[] arguments) =>
        new(request, null, Problem.Error(resource, request.Location, arguments));

    private async Task RenewAsync(CancellationToken cancellation)
    {
        _renewed = true;
        _updateFailure = await apt.UpdateAsync(cancellation);
        if (_updateFailure is not null)
        {
            context.Log.Detail($"apt-get update: {_updateFailure.Words}");
        }
    }

    /// <summary>What is offered, by name. apt refuses a whole question for one unknown name, so it may have to be asked in parts.</summary>
    private async Task<Dictionary<string, AptOffer>> OffersAsync(IReadOnlyList<AptRequest> requests, CancellationToken cancellation)
    {
        Dictionary<string, AptOffer> found = new(StringComparer.Ordinal);
        if (await AskAsync(requests, found, cancellation))
        {
            return found;
        }

        ILookup<string, string> versions = await apt.VersionsAsync(requests.Select(request => request.Name), cancellation);
        AptRequest[] listed = [.. requests.Where(request => versions[request.Name].Contains(request.Version))];
        if (listed.Length < requests.Count && await AskAsync(listed, found, cancellation))
        {
            return found;
        }

        foreach (AptRequest request in listed)
        {
            await AskAsync([request], found, cancellation);
        }

        return found;
    }

    private async Task<bool> AskAsync(IReadOnlyList<AptRequest> requests, Dictionary<string, AptOffer> found, CancellationToken cancellation)
    {
        if (requests.Count == 0)
        {
            return true;
        }

        (IReadOnlyList<AptOffer> offers, string? failure) =
            await apt.OffersAsync(requests.Select(request => request.Specification), cancellation);
        foreach (AptRequest request in requests)
        {
            // apt may answer with another package, such as one that provides the name.
            if (offers.FirstOrDefault(offer => offer.Name == request.Name && offer.Version == request.Version) is { } offer)
            {
                found[request.Name] = offer;
            }
        }

        return failure is null;
    }

    private async Task<IReadOnlyList<AptAnswer>> AnswersAsync(
        IReadOnlyList<AptRequest> requests, Dictionary<string, AptOffer> offers, CancellationToken cancellation)
    {
        AptRequest[] missing = [.. requests.Where(request => !offers.ContainsKey(request.Name))];
        ILookup<string, string>? versions = missing.Length == 0 || _updateFailure is not null
            ? null
            : await apt.VersionsAsync(missing.Select(request => request.Name), cancellation);
        List<AptAnswer> answers = [];
        foreach (AptRequest request in requests)
        {
            answers.Add(
                !offers.TryGetValue(request.Name, out AptOffer? offer) ? await MissingAsync(request, missing, versions, cancellation)
                : offer.Sha256 is null ? Fail(request, Strings.AptWithoutSha256, request.Name, request.Version)
                : new AptAnswer(request, offer, null));
        }

        return answers;
    }

    private async Task<AptAnswer> MissingAsync(
        AptRequest request, AptRequest[] missing, ILookup<string, string>? versions, CancellationToken cancellation)
    {
        if (versions is null)
        {
            return NotRenewed(request, missing);
        }

        string[] others = [.. versions[request.Name]];
        if (others.Length == 0)
        {
            return Fail(request, Strings.UnknownPackage, request.Name);
        }

        if (!others.Contains(request.Version))
        {
            return Fail(request, Strings.UnknownPackageVersion, request.Name, request.Version, string.Join(", ", others));
        }

        (_, string? failure) = await apt.OffersAsync([request.Specification], cancellation);
        return Fail(request, Strings.AptFailed, request.Name, failure ?? "it offers another package in its place");
    }
}
