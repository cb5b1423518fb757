/** The coupons that somebody gives: all of them for admins, their own for influencers and wholesalers. */
import { useSignal } from "@preact/signals";
import { number } from "../i18n/format.ts";
import { coupons as words } from "../i18n/coupons.ts";
import { language } from "../i18n/language.ts";
import { useAct } from "../lists/act.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import type { Places } from "../lists/place.ts";
import { Table, type Column } from "../lists/table.tsx";
import { Empty } from "../site/shell.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { coupons, stopCoupon, type Coupon, type Maker } from "./api.ts";
import { canStop } from "./draft.ts";
import { CouponForm } from "./form.tsx";
import { ids } from "./testids.ts";
import { conditions, funderText, sentence, stateText, stateTones, valueText, windowText } from "./words.ts";

export function Coupons({ maker, here }: { maker: Maker; here: Places<"view" | "after" | "coupon"> }) {
  const t = words.value;
  const { after, coupon } = here.place.value;
  const listed = useListed(after, () => coupons(after));
  const stopping = useSignal<Coupon | null>(null);
  const older = listed.page?.next;
  const back = () => here.go(here.to({ coupon: "", after: "" }));
  if (coupon === "new") return <CouponForm maker={maker} onClose={back} onMade={() => { back(); void listed.load(); }} />;
  const create = <a class="button button-primary" data-testid={ids.create} {...here.follow(here.to({ coupon: "new" }))}><Icon name="plus" />{t.create()}</a>;
  return (
    <>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.coupons.length === 0 && after === "" ? (
          <Empty title={t.none()} text={maker === "admin" ? t.noneText() : maker === "influencer" ? t.noneTextInfluencer() : t.noneTextWholesaler()}>{create}</Empty>
        ) : (
          <>
            <div class="list-bar list-bar-end">{create}</div>
            <Table caption={t.title()} rows={page.coupons} keyOf={(one) => one.id} testid={(one) => ids.row(one.code)} columns={columns(maker, (one) => { stopping.value = one; })} />
          </>
        )}
      </ListView>
      <Pager older={older ? here.follow(here.to({ after: older })) : null} first={after === "" ? null : here.follow(here.to({ after: "" }))} />
      {stopping.value ? <StopDialog coupon={stopping.value} onClose={(isStopped) => { stopping.value = null; if (isStopped) void listed.load(); }} /> : null}
    </>
  );
}

function columns(maker: Maker, onStop: (coupon: Coupon) => void): Column<Coupon>[] {
  const t = words.value;
  const all: (Column<Coupon> | null)[] = [
    { key: "code", label: t.code(), head: true, cell: (coupon) => <><span class="coupon-code">{coupon.code}</span><small class="quiet cell-note" dir="auto">{coupon.title}</small></> },
    { key: "value", label: t.value(), cell: (coupon) => <>{valueText(coupon)}{conditions(coupon).map((line) => <small key={line} class="quiet cell-note" dir="auto">{line}</small>)}</> },
    { key: "when", label: t.when(), cell: windowText },
    maker === "admin" ? { key: "funder", label: t.fundedBy(), cell: (coupon) => funderText(coupon.funded_by) } : null,
    { key: "used", label: t.used(), figures: true, cell: (coupon) => coupon.quota === null ? number(language.value, coupon.used) : t.usedOf({ used: coupon.used, quota: coupon.quota }) },
    { key: "state", label: t.state(), cell: (coupon) => <span class="tag" data-tone={stateTones[coupon.state]} data-state={coupon.state}>{stateText(coupon.state)}</span> },
    { key: "stop", label: t.stop(), bare: true, cell: (coupon) => canStop(coupon) ? (
      <button type="button" class="button button-quiet button-small" data-testid={ids.stop} aria-label={`${t.stop()}: ${coupon.code}`} onClick={() => onStop(coupon)}>{t.stop()}…</button>
    ) : null },
  ];
  return all.filter((column) => column !== null);
}

function StopDialog({ coupon, onClose }: { coupon: Coupon; onClose: (isStopped: boolean) => void }) {
  const t = words.value;
  const act = useAct();
  const stop = async () => {
    if (!(await act.run(() => stopCoupon(coupon.id)))) return;
    toast(t.isStopped({ code: coupon.code }));
    onClose(true);
  };
  return (
    <Confirm title={t.stopTitle({ code: coupon.code })} text={t.stopText({ count: coupon.used })} keep={t.keep()} action={t.stop()} danger busy={act.working.value}
      testid={ids.confirmStop} onClose={() => onClose(false)} onConfirm={() => void stop()}>
      {act.refusal.value ? <p class="callout callout-bad" role="alert">{sentence(act.refusal.value)}</p> : null}
    </Confirm>
  );
}
