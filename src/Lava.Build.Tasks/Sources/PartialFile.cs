using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>A download that may be resumed, and beside it what tells whether the server still has the same content.</summary>
internal sealed class PartialFile(string path)
{
    private const string EntityTag = "ETag: ";
    private const string Modified = "Last-Modified: ";

    /// <summary>The file.</summary>
    internal string Path { get; } = path;

    /// <summary>Bytes there so far.</summary>
    internal long Length => new FileInfo(Path) is { Exists: true } file ? file.Length : 0;

    private string ValidatorPath => Path + ".validator";

    /// <summary>Forgets what is there.</summary>
    internal void Delete()
    {
        File.Delete(Path);
        File.Delete(ValidatorPath);
    }

    /// <summary>The condition on which the rest fits what is there (RFC 9110, 13.1.5), or null if it cannot be known.</summary>
    internal RangeConditionHeaderValue? Condition()
    {
        if (Length == 0 || !File.Exists(ValidatorPath))
        {
            return null;
        }

        string text = File.ReadAllText(ValidatorPath).TrimEnd();
        if (text.StartsWith(EntityTag, StringComparison.Ordinal) && EntityTagHeaderValue.TryParse(text[EntityTag.Length..], out var tag))
        {
            return new RangeConditionHeaderValue(tag);
        }

        return text.StartsWith(Modified, StringComparison.Ordinal) && DateTimeOffset.TryParse(
                text[Modified.Length..], CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? new RangeConditionHeaderValue(date)
            : null;
    }

    /// <summary>Starts afresh with the content that <paramref name="response"/> brings.</summary>
    internal async Task BeginAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        Delete();
        if (ValidatorOf(response) is { } validator)
        {
            // Not atomic, so that nothing else is left by a kill: what is cut off matches no content, and the file is fetched anew.
            await using FileStream stream = Open(ValidatorPath);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(validator), cancellation);
        }
    }

    /// <summary>Opens the file to write at its end.</summary>
    internal FileStream Append() => Open(Path);

    private static FileStream Open(string path) => new(
        path,
        new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = AtomicFile.PrivateMode,
        });

    /// <summary>Only strong validators will do: a weak tag (RFC 9110, 8.8.1) or a date of this very second (8.8.2.2) may fit other bytes.</summary>
    private static string? ValidatorOf(HttpResponseMessage response)
    {
        if (response.Headers.ETag is { IsWeak: false } tag)
        {
            return EntityTag + tag;
        }

        return response.Content.Headers.LastModified is { } modified && response.Headers.Date is { } date
            && date - modified >= TimeSpan.FromSeconds(1)
            ? $"{Modified}{modified:R}"
            : null;
    }
}
