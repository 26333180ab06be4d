using System.Security.Cryptography;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Instances;

/// <summary>
/// Makes what an instance itself is given: its directories and secrets. What exists is left as it is. What lies in another user's directory
/// is made with that user's rights. Directories that the description does not call private are open to all, whatever the umask: what is
/// private in <c>etc</c> belongs to the services' user, who could exchange what a web server reads as root.
/// </summary>
public sealed class InstanceFiles(InstanceLayout layout, IBuildLog log)
{
    private const string Configuration = "etc";
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes <c>etc</c>, <c>run</c>, <c>tmp</c>, <c>var</c> and the directories of <paramref name="parts"/>.</summary>
    public void MakeDirectories(IEnumerable<DirectoryPart> parts)
    {
        foreach (string directory in InstanceParts.OwnDirectories)
        {
            string path = Path.Combine(layout.Root, directory);
            if (directory == Configuration)
            {
                FileTree.MakeShared(path);
            }
            else
            {
                Directory.CreateDirectory(path);
            }
        }

        foreach (DirectoryPart part in parts)
        {
            using FileIdentity identity = FileIdentity.At(layout.Root, part.Path);
            string path = Path.Combine(layout.Root, part.Path);
            if (!Directory.Exists(path))
            {
                FileTree.MakeShared(Path.GetDirectoryName(path)!);
                FileTree.Make(path, part.Mode);
            }
        }
    }

    /// <summary>
    /// Deletes what killed builds left: beside the instance's links, beside <paramref name="files"/> (relative to the instance), and
    /// everywhere in <c>etc</c>, as what was killed may have had other parts; and directories on the way to <paramref name="files"/> and
    /// <paramref name="directories"/> that got no name. Where only directories are made, files are an application's. The instance's lock
    /// must be held.
    /// </summary>
    public void DeleteLeftovers(IReadOnlyCollection<string> files, IEnumerable<string> directories)
    {
        string configuration = Path.Combine(layout.Root, Configuration);
        EnumerationOptions below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        string[] searched =
        [
            layout.Root,
            layout.Code,
            configuration,
            .. Directory.Exists(configuration) ? Directory.GetDirectories(configuration, "*", below) : [],
            .. files.Select(path => Path.GetDirectoryName(Path.Combine(layout.Root, path))!),
        ];
        foreach (string directory in searched.Distinct())
        {
            using FileIdentity identity = FileIdentity.At(layout.Root, Path.GetRelativePath(layout.Root, Path.Combine(directory, "any")));
            AtomicFile.DeleteLeftovers(directory);
        }

        foreach (string directory in files.Concat(directories).SelectMany(Above).Distinct())
        {
            using FileIdentity identity = FileIdentity.At(layout.Root, $"{directory}/any");
            AtomicFile.DeleteLeftovers(Path.Combine(layout.Root, directory), AtomicFile.NewDirectory);
        }
    }

    // "a" and "a/b" of "a/b/c".
    private static IEnumerable<string> Above(string path)
    {
        for (string? directory = Path.GetDirectoryName(path); !string.IsNullOrEmpty(directory); directory = Path.GetDirectoryName(directory))
        {
            yield return directory;
        }
    }

    /// <summary>Makes random secrets where they are missing: one line of letters and digits, readable by the owner only.</summary>
    public void MakeSecrets(IEnumerable<SecretPart> parts, CancellationToken cancellation)
    {
        foreach (SecretPart part in parts)
        {
            cancellation.ThrowIfCancellationRequested();
            string path = Path.Combine(layout.Root, part.Path);
            if (MakeSecret(part, path))
            {
                log.Detail($"Made the secret {path}");
            }
        }
    }

    private bool MakeSecret(SecretPart part, string path)
    {
        using FileIdentity identity = FileIdentity.At(layout.Root, part.Path);
        if (File.Exists(path))
        {
            return false;
        }

        FileTree.MakeShared(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, RandomNumberGenerator.GetString(SecretAlphabet, part.Length) + "\n", AtomicFile.PrivateMode);
        return true;
    }
}
