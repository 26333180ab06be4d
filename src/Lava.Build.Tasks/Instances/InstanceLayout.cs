namespace Lava.Build.Instances;

/// <summary>Where things stand in an instance.</summary>
/// <param name="Root">The instance's absolute directory (<c>LavaInstanceRoot</c>), without a slash at the end.</param>
public sealed record InstanceLayout(string Root)
{
    /// <summary>Releases, the store and the link to the active release.</summary>
    public string Code => Path.Combine(Root, "code");

    /// <summary>The trees that releases lead to.</summary>
    public string Store => Path.Combine(Code, ".store");

    /// <summary>The link to the active release.</summary>
    public string Current => Path.Combine(Code, "current");

    /// <summary>The link to the active release's programs.</summary>
    public string Bin => Path.Combine(Root, "bin");

    /// <summary>Taken by whoever changes the instance.</summary>
    public string Lock => Path.Combine(Code, ".lock");

    /// <summary>What was last written into <c>etc</c>, so that an admin's edit is recognised.</summary>
    public string ConfigurationRecord => Path.Combine(Code, ".etc");

    /// <summary>The links that were made in <c>etc</c>, <c>run</c>, <c>tmp</c> and <c>var</c>, so that an admin's are recognised.</summary>
    public string LinkRecord => Path.Combine(Code, ".links");

    /// <summary>A release's directory.</summary>
    public string Release(string name) => Path.Combine(Code, name);

    /// <summary>A store tree's directory.</summary>
    public string StoreTree(string storeName) => Path.Combine(Store, storeName);
}
