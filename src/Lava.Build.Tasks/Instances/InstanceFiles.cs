using System.Security.Cryptography;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Instances;

/// <summary>Makes what an instance itself is given: its directories and secrets. What exists is left as it is.</summary>
public sealed class InstanceFiles(InstanceLayout layout, IBuildLog log)
{
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes <c>etc</c>, <c>run</c>, <c>tmp</c>, <c>var</c> and the directories of <paramref name="parts"/>.</summary>
    public void MakeDirectories(IEnumerable<DirectoryPart> parts)
    {
        foreach (string directory in InstanceParts.OwnDirectories)
        {
            Directory.CreateDirectory(Path.Combine(layout.Root, directory));
        }

        foreach (DirectoryPart part in parts)
        {
            string path = Path.Combine(layout.Root, part.Path);
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path);
                // The umask narrows the mode given at creation; this one is meant.
                File.SetUnixFileMode(path, part.Mode);
            }
        }
    }

    /// <summary>
    /// Deletes what killed builds left: beside the instance's links, beside <paramref name="paths"/> (relative to the instance), and
    /// everywhere in <c>etc</c>, as what was killed may have had other parts. The instance's lock must be held.
    /// </summary>
    public void DeleteLeftovers(IEnumerable<string> paths)
    {
        string configuration = Path.Combine(layout.Root, "etc");
        EnumerationOptions below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        string[] directories =
        [
            layout.Root,
            layout.Code,
            configuration,
            .. Directory.Exists(configuration) ? Directory.GetDirectories(configuration, "*", below) : [],
            .. paths.Select(path => Path.GetDirectoryName(Path.Combine(layout.Root, path))!),
        ];
        foreach (string directory in directories.Distinct())
        {
            AtomicFile.DeleteLeftovers(directory);
        }
    }

    /// <summary>Makes random secrets where they are missing: one line of letters and digits, readable by the owner only.</summary>
    public async Task MakeSecretsAsync(IEnumerable<SecretPart> parts, CancellationToken cancellation)
    {
        foreach (SecretPart part in parts)
        {
            string path = Path.Combine(layout.Root, part.Path);
            if (File.Exists(path))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string secret = RandomNumberGenerator.GetString(SecretAlphabet, part.Length);
            await AtomicFile.WriteAsync(path, secret + "\n", AtomicFile.PrivateMode, cancellation);
            log.Detail($"Made the secret {path}");
        }
    }
}
