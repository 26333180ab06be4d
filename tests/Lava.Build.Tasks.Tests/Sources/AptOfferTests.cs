using Lava.Build.Sources;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class AptOfferTests
{
    [TestMethod]
    [DataRow("\u0001")]
    [DataRow("\u0085")]
    [DataRow("\u202e")]
    [DataRow("/")]
    public void A_file_name_that_cannot_be_shown_is_no_offer(string odd)
    {
        Assert.AreEqual("a_1_all.deb", AptOffer.Parse(Line("1")).Single().File);
        Assert.IsEmpty(AptOffer.Parse(Line($"1{odd}2")));
    }

    private static string Line(string version) => $"'https://h/a.deb' a_{version}_all.deb 5 SHA256:{new string('a', 64)}\n";
}
